// The page of a poll's public record: what came out, whether a ballot is in, and,
// run here, the program that checks all of it. Nothing that is typed is kept.
'use strict';

const $ = (id) => document.getElementById(id);
const words = (id, put = {}) => $('w-' + id).textContent.replace(/\{(\w+)\}/g, (_, name) => put[name]);
const show = (id, on) => { $(id).hidden = !on; };
const tell = (id, text, kind = '') => { $(id).textContent = text; $(id).className = kind; show(id, text !== ''); };
const poll = new URLSearchParams(location.search).get('poll') ?? '';
const door = `/api/v1/polls/${encodeURIComponent(poll)}`;

let held = ''; // the checkpoint of the notice that was scanned
let code = ''; // the last receipt code that was found

// get asks the forum; who is logged in on this page may read more.
async function get(path) {
  const pass = sessionStorage.getItem('login');
  let answer;
  try {
    answer = await fetch(path, { headers: pass ? { Authorization: 'Bearer ' + pass } : {}, credentials: 'omit', cache: 'no-store' });
  } catch {
    throw new Error(words('offline'));
  }
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(said.title ?? words('offline')), { status: answer.status });
  }
  return answer;
}

const moment = (at) => new Date(at).toLocaleString('zh-CN', { timeZone: 'Asia/Shanghai', dateStyle: 'long', timeStyle: 'short' });

async function look() {
  const v = await (await get(door)).json();
  $('question').textContent = v.question;
  $('rule').textContent = [v.pack_name, v.law, v.article].join('，');
  $('turnout').textContent = words('turnout', v);
  $('when').textContent = words(v.closed_at ? 'span' : 'since', { from: moment(v.opened_at), to: v.closed_at && moment(v.closed_at) });
  $('says').textContent = v.says || words(v.state === 'counting' ? 'counting' : 'open');
  counts(v);
  for (const part of ['poll', 'mine', 'proof']) show(part, true);
  $('file').href = door + '/board';
}

// counts draws what was counted for each choice.
function counts(v) {
  const rows = [], add = (name, n) => rows.push([name, n]);
  if (v.verdict && v.verdict.result !== 'void') {
    const c = v.verdict.count;
    if (v.method === 'yesno') for (const a of ['yes', 'no', 'abstain']) add(words(a), words('votes', { n: c[a] }));
    for (const o of v.verdict.options ?? []) {
      add(v.options[o.option - 1], v.method === 'each' ? words('each', o) : words(v.method === 'score' ? 'score' : 'votes', { n: v.method === 'score' ? o.score : o.yes }));
    }
  }
  for (const [name, n] of rows) {
    const row = $('counts').tBodies[0].insertRow();
    row.insertCell().textContent = name;
    row.insertCell().textContent = n;
  }
  show('counts', rows.length > 0);
}

async function checkpoint() {
  let last;
  try {
    last = await (await get(door + '/checkpoint')).json();
  } catch (e) {
    if (e.status === 404) return; // nothing is signed yet
    throw e;
  }
  $('note').textContent = last.note;
  const picture = await (await get(door + '/checkpoint.svg')).blob();
  $('code-of').src = 'data:image/svg+xml;base64,' + btoa(await picture.text());
  show('record', true);
}

async function find() {
  tell('found', '');
  const found = await (await get(`${door}/receipts/${encodeURIComponent($('code').value)}`)).json();
  if (found.in.length === 0) { tell('found', words('out'), 'bad'); return; }
  code = found.code;
  tell('found', words('in', { place: found.in[0].place }), 'good');
}

const size = (n) => (n < 1e6 ? Math.ceil(n / 1e3) + ' KB' : (n / 1e6).toFixed(1) + ' MB');

// download fetches the record and tells how far it is.
async function download() {
  const body = (await get(door + '/board')).body.getReader(), parts = [];
  let n = 0;
  for (let part = await body.read(); !part.done; part = await body.read()) {
    parts.push(part.value);
    n += part.value.length;
    tell('progress', words('loading', { size: size(n) }));
  }
  const all = new Uint8Array(n);
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
}

// lend shows the program the one file that there is, and takes what it writes.
function lend(file, write) {
  const text = new TextDecoder(), fd = 5;
  let at = 0;
  const stat = { isDirectory: () => false, mode: 0o100444, size: file.length, dev: 0, ino: 0, nlink: 1, uid: 0, gid: 0, rdev: 0, blksize: 4096, blocks: 0, atimeMs: 0, mtimeMs: 0, ctimeMs: 0 };
  const none = () => Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  Object.assign(globalThis.fs, {
    writeSync(_, bytes) { write(text.decode(bytes, { stream: true })); return bytes.length; },
    open(name, _flags, _mode, done) { if (name.endsWith('board.json')) done(null, fd); else done(none()); },
    fstat(which, done) { if (which === fd) done(null, stat); else done(none()); },
    read(_, buffer, offset, length, _position, done) {
      const part = file.subarray(at, at + length);
      buffer.set(part, offset);
      at += part.length;
      done(null, part.length);
    },
    close(_, done) { done(null); },
  });
}

async function verify() {
  tell('verdict', '');
  tell('report', '');
  if (typeof Go === 'undefined') throw new Error(words('missing'));
  const file = await download();
  tell('progress', words('checking', { size: size(file.length) }));
  await new Promise((drawn) => { requestAnimationFrame(() => setTimeout(drawn)); });
  const go = new Go();
  go.argv = ['yishi-verify', 'board.json'];
  if (held) go.argv.push('--checkpoint', held);
  if (code) go.argv.push('--receipt', code);
  let report = '', exit;
  lend(file, (text) => { report += text; });
  go.exit = (c) => { exit = c; };
  const program = await WebAssembly.instantiateStreaming(fetch('dist/verify.wasm'), go.importObject).catch(() => { throw new Error(words('missing')); });
  await go.run(program.instance);
  tell('progress', '');
  tell('report', report);
  tell('verdict', words(exit === 0 ? 'good' : 'bad'), exit === 0 ? 'good' : 'bad');
}

// readNote takes the checkpoint that a printed notice brings along.
function readNote() {
  if (location.hash.length < 2) return;
  try {
    const bytes = Uint8Array.from(atob(location.hash.slice(1).replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    held = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error(words('note'));
  }
  show('given', true);
}

// guarded runs what a person asked for, once at a time, and says what went wrong.
async function guarded(fn) {
  tell('trouble', '');
  for (const b of document.querySelectorAll('button')) b.disabled = true;
  try {
    await fn();
  } catch (e) {
    tell('progress', '');
    tell('trouble', e.message);
    $('trouble').scrollIntoView();
  }
  for (const b of document.querySelectorAll('button')) b.disabled = false;
}

document.addEventListener('DOMContentLoaded', () => {
  $('find').addEventListener('submit', (e) => { e.preventDefault(); guarded(find); });
  $('verify').addEventListener('click', () => guarded(verify));
  $('print').addEventListener('click', () => print());
  guarded(async () => {
    if (!poll) throw new Error(words('which'));
    await look();
    await checkpoint();
    readNote();
    if (held) await verify();
  });
});
