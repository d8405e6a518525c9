// The page of secret ballots. It talks to the forum's door alone: with a login
// where a token is signed, without any where the ballot is cast. What a voter
// needs again stays in this browser: the seed of the token, and each ballot before
// it is sent, so that a lost answer never makes a second one.
'use strict';

const $ = (id) => document.getElementById(id);
const words = (id, put = {}) => $('w-' + id).textContent.replace(/\{(\w+)\}/g, (_, name) => put[name]);
const show = (id, on) => { $(id).hidden = !on; };
const poll = new URLSearchParams(location.search).get('poll') ?? '';
const door = `/api/v1/polls/${encodeURIComponent(poll)}`;

let view; // of the poll
let mine; // what this browser keeps of it, by unit

function trouble(text) {
  $('trouble').textContent = text;
  show('trouble', text !== '');
}

// ask sends a request; body makes it a POST. Only where login is true it says who
// asks.
async function ask(path, body, { login = true, key = '' } = {}) {
  const headers = {};
  if (body) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  const pass = sessionStorage.getItem('login');
  if (login && pass) headers.Authorization = 'Bearer ' + pass;
  let answer;
  try {
    answer = await fetch(path, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), credentials: 'omit', cache: 'no-store' });
  } catch {
    throw new Error(words('offline'));
  }
  const text = await answer.text();
  const said = text ? JSON.parse(text) : {};
  if (!answer.ok) throw new Error(said.title ?? words('offline'));
  return said;
}

function keep() { localStorage.setItem('ballot-' + poll, JSON.stringify(mine)); }

function reckon(answer) {
  if (answer.error) throw new Error(answer.error);
  return answer.value;
}

async function enter() {
  const code = location.hash.slice(1);
  if (code) {
    history.replaceState(null, '', location.pathname + location.search);
    sessionStorage.setItem('login', (await ask('/api/v1/logins/link', { code }, { login: false })).token);
  }
  if (!sessionStorage.getItem('login')) {
    $('by-wechat').href = '/api/v1/logins/web?poll=' + encodeURIComponent(poll);
    show('login', poll !== '');
    throw new Error(words('link'));
  }
}

// program loads the voter program.
function program() {
  return new Promise((done, failed) => {
    if (typeof Go === 'undefined') { failed(new Error(words('missing'))); return; }
    window.voterReady = done;
    const go = new Go();
    WebAssembly.instantiateStreaming(fetch('dist/voter.wasm'), go.importObject)
      .then((it) => go.run(it.instance)).catch(() => failed(new Error(words('missing'))));
  });
}

async function look() {
  view = await ask(door);
  if (!view.secret) throw new Error(words('named'));
  mine = JSON.parse(localStorage.getItem('ballot-' + poll) ?? '{}');
  $('question').textContent = view.question;
  $('rule').textContent = [view.pack_name, view.law, view.article].join(' ');
  $('crowd').textContent = view.secret.crowd;
  for (const li of document.querySelectorAll('[data-disclosure]')) li.hidden = li.dataset.disclosure !== view.secret.disclosure;
  if ($('unit').options.length === 0) for (const u of view.units) $('unit').add(new Option(u, u));
  show('which', view.units.length > 1);
  show('poll', true);
  draw();
}

const unit = () => $('unit').value;

function draw() {
  drawKeeper();
  const open = view.state === 'open', had = mine[unit()], on = view.units.length > 0;
  const lost = on && !had?.signature && view.secret.had.includes(unit()) && !had?.seed;
  show('take', open && on && !had?.signature && !lost);
  const last = had?.ballots?.at(-1);
  const voting = open && had?.signature && view.secret.kept === 3 && (!last?.receipt || had.changing);
  show('choices', voting);
  if (voting) options(last);
  show('done', !!last?.receipt && !had.changing);
  if (last?.receipt) $('receipt').textContent = last.receipt;
  show('tracker', !!last?.receipt && view.state === 'closed' && view.secret.disclosure === 'list');
  if (last) $('number').textContent = last.tracker;
  show('again', open && !!last?.receipt && view.revote);
  let state = '';
  if (view.state === 'counting') state = 'counting';
  else if (view.state === 'closed') state = 'closed';
  else if (!on) state = 'off';
  else if (lost) state = 'lost';
  else if (view.secret.kept < 3) state = 'wait';
  else if (!had?.signature) state = 'ready';
  else if (voting) state = 'vote';
  $('state').textContent = state && words(state);
  show('result', !!view.verdict);
  if (view.verdict) {
    const c = view.verdict.count;
    $('result').textContent = words(view.verdict.result) + (view.method === 'yesno' && view.verdict.result !== 'void' ? words('counts', c) : '');
  }
}

// drawKeeper draws what a keeper of a share is asked for.
function drawKeeper() {
  const share = view.secret.share ?? '', open = view.state === 'open', counting = view.state === 'counting';
  const here = open && share === 'here', asked = counting && share === 'kept', told = $('share').textContent !== '';
  show('keeper', share !== '' && (open || counting));
  show('key-here', here);
  show('key-kept', open && share === 'kept');
  show('key-open', asked);
  show('key-entered', share === 'entered');
  show('fetch', here && !told);
  show('share', here && told);
  show('give', (here && told) || asked);
}

// fetchShare shows the share to be written down; nothing of it is kept here.
async function fetchShare() {
  $('share').textContent = (await ask(door + '/share')).share;
  drawKeeper();
}

let given = {}; // the last share that was typed, and the key under which it goes

// give shows that the share was written down, or gives it back once the poll has
// ended.
async function give() {
  const typed = $('typed').value, way = view.state === 'counting' ? '/opening' : '/share';
  if (given.typed !== typed || given.way !== way) given = { typed, way, key: voter.tracker() + voter.tracker() };
  await ask(door + way, { share: typed }, { key: given.key });
  $('typed').value = $('share').textContent = '';
  given = {};
  await look();
}

// options draws the ballot; one that was sealed and not answered cannot be filled
// in again.
function options(last) {
  const box = $('options');
  box.replaceChildren();
  $('how').textContent = words(view.method, { most: view.most });
  const line = (text, input) => {
    const l = document.createElement('label'), s = document.createElement('span');
    l.className = 'option';
    s.textContent = text;
    l.append(input, s);
    box.append(l);
  };
  const input = (type, value, name = 'o') => Object.assign(document.createElement('input'), { type, value, name });
  if (view.method === 'yesno') for (const c of ['yes', 'no']) line(words(c), input('radio', c));
  view.options.forEach((text, i) => {
    if (view.method === 'choose') line(text, input('checkbox', i + 1));
    else if (view.method === 'each') {
      const s = document.createElement('select');
      s.add(new Option('', ''));
      for (const [v, w] of [['y', 'yes'], ['n', 'no'], ['a', 'abstain']]) s.add(new Option(words(w), v));
      line(text, s);
    } else line(text, Object.assign(input('number', ''), { min: 0, max: view.method === 'rank' ? view.options.length : view.most, inputMode: 'numeric' }));
  });
  if (view.method !== 'each') line(words('abstain'), input(view.method === 'yesno' ? 'radio' : 'checkbox', 'abstain', view.method === 'yesno' ? 'o' : 'a'));
  for (const e of box.querySelectorAll('input, select')) e.disabled = !!last && !last.receipt;
}

// mark is what the ballot says, in the one form that the rulebook knows; '' where
// it is not filled in.
function mark() {
  const all = [...$('options').querySelectorAll('input, select')];
  if (view.method === 'each') return all.every((e) => e.value) ? all.map((e) => e.value).join(',') : '';
  if (all.some((e) => e.checked && e.value === 'abstain')) return 'abstain';
  switch (view.method) {
    case 'yesno': return all.find((e) => e.checked)?.value ?? '';
    case 'choose': {
      const chosen = all.filter((e) => e.checked).map((e) => e.value);
      return chosen.length <= view.most ? chosen.join('+') : '';
    }
    case 'score': {
      const points = all.filter((e) => e.type === 'number').map((e) => e.value);
      return points.every((p) => /^\d+$/.test(p) && +p <= view.most) ? points.map(Number).join(',') : '';
    }
    case 'rank': {
      const order = all.filter((e) => e.type === 'number').map((e, i) => [e.value, i + 1]).filter(([v]) => v !== '').sort((a, b) => a[0] - b[0]);
      return order.every(([v], i) => +v === i + 1) ? order.map(([, o]) => o).join('>') : '';
    }
  }
  return '';
}

async function take() {
  const had = (mine[unit()] ??= { ballots: [] });
  if (!had.seed) {
    had.seed = [...crypto.getRandomValues(new Uint8Array(32))].map((b) => b.toString(16).padStart(2, '0')).join('');
    keep();
  }
  const wish = reckon(voter.wish(view.secret.tokens, had.seed));
  const { signed } = await ask(door + '/token', { unit: unit(), blinded: wish.blinded }, { key: 'token-' + wish.token.slice(0, 32) });
  had.token = wish.token;
  had.signature = reckon(voter.take(view.secret.tokens, had.seed, signed));
  keep();
  await look();
}

async function cast() {
  const had = mine[unit()];
  let last = had.ballots.at(-1);
  if (!last || last.receipt) {
    const choice = mark();
    if (!choice) throw new Error(words('pick'));
    const turn = had.ballots.length, tracker = voter.tracker();
    last = { turn, tracker, sealed: reckon(voter.seal(view.secret.key, view.hash, had.token, turn, tracker, choice)) };
    had.ballots.push(last);
    keep();
  }
  const receipt = await ask(door + '/secret', { token: had.token, signature: had.signature, turn: last.turn, sealed: last.sealed }, { login: false });
  Object.assign(last, receipt);
  had.changing = false;
  keep();
  await look();
}

// busy lets one thing be done at a time, and says what went wrong.
function busy(button, what) {
  return async (event) => {
    event?.preventDefault();
    button.disabled = true;
    trouble('');
    try { await what(); } catch (e) { trouble(e.message); }
    button.disabled = false;
  };
}

$('take').addEventListener('click', busy($('take'), take));
$('choices').addEventListener('submit', busy($('cast'), cast));
$('again').addEventListener('click', () => { mine[unit()].changing = true; draw(); });
$('fetch').addEventListener('click', busy($('fetch'), fetchShare));
$('give').addEventListener('submit', busy($('enter'), give));
$('unit').addEventListener('change', draw);

(async () => {
  try {
    await enter();
    await program();
    await look();
  } catch (e) { trouble(e.message); }
})();
