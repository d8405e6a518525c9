// The demo's phone. Everything a resident or the bot wrote is set as text.
'use strict';

const byId = (id) => document.getElementById(id);
const resident = byId('resident');
const trouble = byId('trouble');
const shown = {};
let following = false;
let lineTexts = [];
let busy = false;

const acts = {
  image: () => '[图片]',
  voice: (text) => '[语音]' + (text ? ' ' + text : ''),
  location: (text) => '[位置]' + (text ? ' ' + text : ''),
  scan: (text) => '[扫码] ' + text,
  follow: (text) => '[关注公众号]' + (text ? ' 扫码：' + text : ''),
  unfollow: () => '[取消关注]',
  click: (text) => '[菜单] ' + text,
  fault: () => '该公众号提供的服务出现故障，请稍后再试',
};
const channels = { template: '公众号通知', customer: '公众号消息', subscribe: '小程序通知' };
const troubles = { follow: '请先关注公众号。', push: '消息没有发出去，请稍后再试。' };

function element(name, text, className) {
  const node = document.createElement(name);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

// changed tells whether a part of the state differs from what is on the page.
function changed(part, value) {
  const text = JSON.stringify(value);
  if (shown[part] === text) return false;
  shown[part] = text;
  return true;
}

function showResidents(residents) {
  const chosen = resident.value;
  resident.replaceChildren(...residents.map((r) => {
    const option = element('option', r.name);
    option.value = r.id;
    return option;
  }));
  if (residents.some((r) => r.id === chosen)) resident.value = chosen;
}

// showLines adds what is new, so that a screen reader reads only that.
function showLines(lines) {
  const list = byId('lines');
  const texts = lines.map((line) => JSON.stringify(line));
  const grown = lineTexts.length <= texts.length && lineTexts.every((text, i) => text === texts[i]);
  const added = (grown ? lines.slice(lineTexts.length) : lines).map((line) => {
    const write = acts[line.act];
    const item = element('li', '', line.mine ? 'mine' : line.act === 'fault' ? 'fault' : '');
    item.append(element('span', line.mine ? '我' : '机器人', 'who'), write ? write(line.text) : line.text);
    return item;
  });
  if (grown) list.append(...added);
  else list.replaceChildren(...added);
  lineTexts = texts;
  list.scrollTop = list.scrollHeight;
}

function showNotices(notices) {
  const list = byId('notices');
  if (notices.length === 0) {
    list.replaceChildren(element('li', '还没有通知。'));
    return;
  }
  list.replaceChildren(...notices.map((n) => {
    const item = element('li', '');
    item.append(element('strong', channels[n.channel] || '通知'));
    item.append(element('time', new Date(n.at).toLocaleString('zh-CN')));
    item.append(n.text);
    if (n.page) item.append(element('span', '打开：' + n.page, 'page'));
    return item;
  }));
}

// showMini opens the mini-program on the phone of whoever is chosen.
function showMini() {
  const mini = byId('mini');
  const where = 'mini/?resident=' + encodeURIComponent(resident.value);
  if (resident.value && mini.getAttribute('src') !== where) mini.setAttribute('src', where);
}

function showScenes(scenes) {
  byId('scenes').replaceChildren(...scenes.map((s) => {
    const item = document.createElement('li');
    const button = element('button', s.label);
    button.type = 'button';
    button.addEventListener('click', () => act('scan', { text: s.scene }));
    item.append(button);
    return item;
  }));
}

async function refresh() {
  const asked = resident.value;
  const answer = await fetch('api/state?resident=' + encodeURIComponent(asked));
  const state = await answer.json();
  if (asked !== resident.value) return;
  if (changed('residents', state.residents)) showResidents(state.residents);
  if (!asked && resident.value) return refresh();
  showMini();
  following = state.following;
  byId('follow').textContent = following ? '取消关注' : '关注公众号';
  if (changed('scenes', state.scenes)) showScenes(state.scenes);
  if (changed('lines', state.lines)) showLines(state.lines);
  if (changed('notices', state.notices)) showNotices(state.notices);
}

async function act(name, extra) {
  if (busy) return false;
  busy = true;
  trouble.textContent = '';
  document.body.setAttribute('aria-busy', 'true');
  let done = false;
  try {
    const answer = await fetch('api/act', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ resident: resident.value, act: name, ...extra }),
    });
    const said = await answer.json();
    done = answer.ok;
    if (!done) trouble.textContent = troubles[said.error] || troubles.push;
    await refresh();
  } catch {
    trouble.textContent = '连不上服务，请稍后再试。';
  }
  document.body.removeAttribute('aria-busy');
  busy = false;
  return done;
}

byId('say').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = byId('text');
  if (text.value.trim() && await act('say', { text: text.value })) text.value = '';
  text.focus();
});
byId('text').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId('say').requestSubmit();
  }
});
byId('locate').addEventListener('submit', (event) => {
  event.preventDefault();
  act('locate', { lat: Number(byId('lat').value), lng: Number(byId('lng').value), text: byId('label').value });
});
byId('follow').addEventListener('click', () => act(following ? 'unfollow' : 'follow'));
for (const button of document.querySelectorAll('[data-say]')) {
  button.addEventListener('click', () => act('say', { text: button.dataset.say }));
}
for (const button of document.querySelectorAll('[data-act]')) {
  button.addEventListener('click', () => act(button.dataset.act));
}
byId('speak').addEventListener('click', async () => { // what is typed is what WeChat hears
  if (await act('voice', { text: byId('text').value })) byId('text').value = '';
});
resident.addEventListener('change', () => { trouble.textContent = ''; refresh().catch(() => {}); });

(async function poll() {
  await refresh().catch(() => {});
  setTimeout(poll, 2000);
})();
