-- +goose Up
CREATE TABLE audits (
  id {{.ID}}, at {{.Time}} NOT NULL, person_id BIGINT NOT NULL, door VARCHAR(16) NOT NULL,
  deed VARCHAR(32) NOT NULL, subject VARCHAR(64) NOT NULL, path VARCHAR(191) NOT NULL
) {{.End}};
CREATE INDEX audits_path ON audits (path, id);

-- Each seal signs the hash of all lines up to one, over the seal before.
CREATE TABLE audit_seals (
  id {{.ID}}, upto BIGINT NOT NULL, count BIGINT NOT NULL, hash VARCHAR(64) NOT NULL, note TEXT NOT NULL, at {{.Time}} NOT NULL
) {{.End}};
CREATE UNIQUE INDEX audit_seals_upto ON audit_seals (upto);

CREATE TABLE onces (
  person_id BIGINT NOT NULL, request VARCHAR(128) NOT NULL, digest VARCHAR(64) NOT NULL,
  answer {{.LongBlob}} NOT NULL, at {{.Time}} NOT NULL, PRIMARY KEY (person_id, request)
) {{.End}};
CREATE INDEX onces_at ON onces (at);

CREATE TABLE datasets (
  id {{.ID}}, kind VARCHAR(32) NOT NULL, version VARCHAR(64) NOT NULL, status VARCHAR(32) NOT NULL,
  source VARCHAR(255) NOT NULL, body {{.Long}} NOT NULL, at {{.Time}} NOT NULL, person_id BIGINT NOT NULL,
  shipped BOOLEAN NOT NULL, warned_at {{.Time}} NULL
) {{.End}};
CREATE UNIQUE INDEX datasets_version ON datasets (kind, version);

CREATE TABLE orgs (
  id {{.ID}}, code VARCHAR(64) NOT NULL, parent_id BIGINT NOT NULL, kind VARCHAR(16) NOT NULL,
  name VARCHAR(64) NOT NULL, path VARCHAR(191) NOT NULL
) {{.End}};
CREATE UNIQUE INDEX orgs_code ON orgs (code);
CREATE INDEX orgs_path ON orgs (path);

CREATE TABLE persons (
  id {{.ID}}, name VARCHAR(64) NOT NULL, phone {{.Blob}}, phone_index VARCHAR(64), phone_at {{.Time}} NULL,
  banned_at {{.Time}} NULL, created_at {{.Time}} NOT NULL
) {{.End}};
CREATE INDEX persons_phone ON persons (phone_index);

CREATE TABLE accounts (
  app_id VARCHAR(64) NOT NULL, open_id VARCHAR(64) NOT NULL,
  person_id BIGINT NOT NULL, bound_at {{.Time}} NOT NULL, ask_at {{.Time}} NULL, PRIMARY KEY (app_id, open_id)
) {{.End}};
CREATE INDEX accounts_person ON accounts (person_id);
CREATE INDEX accounts_ask ON accounts (app_id, ask_at);

-- One person behind a union id, decided by this key: the first logins of somebody
-- to two apps may come at the same moment.
CREATE TABLE unions (union_id VARCHAR(64) NOT NULL PRIMARY KEY, person_id BIGINT NOT NULL) {{.End}};
CREATE INDEX unions_person ON unions (person_id);

-- A code that is told at one account and entered at another, kept as a hash that
-- nobody can make without the key.
CREATE TABLE ties (
  hash VARCHAR(64) NOT NULL PRIMARY KEY, person_id BIGINT NOT NULL, door VARCHAR(16) NOT NULL,
  expires_at {{.Time}} NOT NULL, spent_at {{.Time}} NULL
) {{.End}};
CREATE INDEX ties_person ON ties (person_id);

CREATE TABLE logins (
  token VARCHAR(64) NOT NULL PRIMARY KEY, person_id BIGINT NOT NULL, door VARCHAR(16) NOT NULL,
  created_at {{.Time}} NOT NULL, expires_at {{.Time}} NOT NULL
) {{.End}};
CREATE INDEX logins_person ON logins (person_id);

CREATE TABLE offices (
  id {{.ID}}, person_id BIGINT NOT NULL, role VARCHAR(16) NOT NULL, org_id BIGINT NOT NULL,
  since {{.Time}} NOT NULL, until {{.Time}} NULL, granted_by BIGINT NOT NULL
) {{.End}};
CREATE INDEX offices_person ON offices (person_id);
CREATE INDEX offices_org ON offices (org_id, role);

CREATE TABLE staff (
  person_id BIGINT NOT NULL PRIMARY KEY, login VARCHAR(64) NOT NULL, password VARCHAR(191) NOT NULL,
  totp {{.Blob}} NOT NULL, totp_step BIGINT NOT NULL, failures INT NOT NULL, locked_until {{.Time}} NULL,
  renew BOOLEAN NOT NULL, left_at {{.Time}} NULL
) {{.End}};
CREATE UNIQUE INDEX staff_login ON staff (login);

CREATE TABLE resets (
  id {{.ID}}, person_id BIGINT NOT NULL, asked_by BIGINT NOT NULL, asked_at {{.Time}} NOT NULL,
  reason VARCHAR(255) NOT NULL, approved_by BIGINT NOT NULL, approved_at {{.Time}} NULL
) {{.End}};

CREATE TABLE households (
  id {{.ID}}, org_id BIGINT NOT NULL, number VARCHAR(64) NOT NULL, address {{.Blob}} NOT NULL,
  head {{.Blob}} NOT NULL, area BIGINT NOT NULL, owner VARCHAR(64) NOT NULL, speaker_id BIGINT NOT NULL, version VARCHAR(64) NOT NULL
) {{.End}};
CREATE UNIQUE INDEX households_number ON households (org_id, number);

CREATE TABLE capacities (
  id {{.ID}}, person_id BIGINT NOT NULL, org_id BIGINT NOT NULL, kind VARCHAR(16) NOT NULL,
  household_id BIGINT NOT NULL, state VARCHAR(16) NOT NULL, asked_at {{.Time}} NOT NULL,
  decided_by BIGINT NOT NULL, decided_at {{.Time}} NULL, ended_at {{.Time}} NULL, stands BOOLEAN NULL
) {{.End}};
-- One standing capacity of a kind per person and community; what was refused or
-- has ended is NULL and in nobody's way.
CREATE UNIQUE INDEX capacities_one ON capacities (person_id, org_id, kind, stands);
CREATE INDEX capacities_org ON capacities (org_id, state, kind);
CREATE INDEX capacities_household ON capacities (household_id);

CREATE TABLE topics (
  id {{.ID}}, org_id BIGINT NOT NULL, scope_id BIGINT NOT NULL, receipt VARCHAR(16) NOT NULL, raiser_id BIGINT NOT NULL,
  helper_id BIGINT NOT NULL, consent VARCHAR(255) NOT NULL, door VARCHAR(16) NOT NULL, title VARCHAR(191) NOT NULL, body TEXT NOT NULL,
  place VARCHAR(191) NOT NULL, state VARCHAR(20) NOT NULL, before_state VARCHAR(20) NOT NULL,
  before_verb VARCHAR(32) NOT NULL, before_left BIGINT NOT NULL, item VARCHAR(16) NOT NULL, catalogue VARCHAR(64) NOT NULL, level VARCHAR(16) NOT NULL, pack VARCHAR(32) NOT NULL, alarm VARCHAR(8) NOT NULL,
  holder_id BIGINT NOT NULL, due_at {{.Time}} NULL, due_verb VARCHAR(32) NOT NULL, lapsed_at {{.Time}} NULL,
  merged_into BIGINT NOT NULL, n_code VARCHAR(8) NOT NULL, studied_at {{.Time}} NULL, rounds INT NOT NULL,
  reopened INT NOT NULL, likes INT NOT NULL, dislikes INT NOT NULL, source VARCHAR(128) NULL,
  created_at {{.Time}} NOT NULL, changed_at {{.Time}} NOT NULL
) {{.End}};
CREATE UNIQUE INDEX topics_receipt ON topics (receipt);
CREATE UNIQUE INDEX topics_source ON topics (source);
CREATE INDEX topics_queue ON topics (org_id, state, id);
CREATE INDEX topics_raiser ON topics (raiser_id, id);
CREATE INDEX topics_helper ON topics (helper_id, state);
CREATE INDEX topics_due ON topics (due_at);
CREATE INDEX topics_alarm ON topics (alarm, org_id, id);

CREATE TABLE hops (
  id {{.ID}}, topic_id BIGINT NOT NULL, at {{.Time}} NOT NULL, event VARCHAR(32) NOT NULL,
  from_state VARCHAR(20) NOT NULL, to_state VARCHAR(20) NOT NULL, holder_id BIGINT NOT NULL,
  due_at {{.Time}} NULL, words TEXT NOT NULL
) {{.End}};
CREATE INDEX hops_topic ON hops (topic_id, id);

CREATE TABLE cosigns (
  topic_id BIGINT NOT NULL, person_id BIGINT NOT NULL, at {{.Time}} NOT NULL, PRIMARY KEY (topic_id, person_id)
) {{.End}};

CREATE TABLE photos (
  id {{.ID}}, topic_id BIGINT NOT NULL, person_id BIGINT NOT NULL, file VARCHAR(96) NOT NULL,
  width INT NOT NULL, height INT NOT NULL, at {{.Time}} NOT NULL
) {{.End}};
CREATE UNIQUE INDEX photos_topic ON photos (topic_id, file);

CREATE TABLE awaited_photos (
  id {{.ID}}, topic_id BIGINT NOT NULL, person_id BIGINT NOT NULL, media_id VARCHAR(256) NOT NULL,
  attempts INT NOT NULL, due_at {{.Time}} NOT NULL, at {{.Time}} NOT NULL
) {{.End}};
CREATE INDEX awaited_photos_due ON awaited_photos (due_at, id);
CREATE INDEX awaited_photos_topic ON awaited_photos (topic_id);

CREATE TABLE appeals (
  topic_id BIGINT NOT NULL PRIMARY KEY, person_id BIGINT NOT NULL, reason TEXT NOT NULL, at {{.Time}} NOT NULL,
  decided_by BIGINT NOT NULL, decided_at {{.Time}} NULL, upheld BOOLEAN NOT NULL, answer TEXT NOT NULL
) {{.End}};

CREATE TABLE points (
  id {{.ID}}, org_id BIGINT NOT NULL, name VARCHAR(64) NOT NULL, kind VARCHAR(16) NOT NULL,
  scene VARCHAR(32) NOT NULL, url VARCHAR(255) NOT NULL
) {{.End}};
CREATE UNIQUE INDEX points_scene ON points (scene);

CREATE TABLE stops (
  id {{.ID}}, point_id BIGINT NOT NULL, weekday INT NOT NULL, day VARCHAR(10) NOT NULL, begins VARCHAR(5) NOT NULL,
  ends VARCHAR(5) NOT NULL, address VARCHAR(191) NOT NULL, lat DOUBLE NOT NULL, lng DOUBLE NOT NULL
) {{.End}};
CREATE INDEX stops_point ON stops (point_id);

CREATE TABLE sessions (
  id {{.ID}}, org_id BIGINT NOT NULL, alliance_id BIGINT NOT NULL, point_id BIGINT NOT NULL, title VARCHAR(191) NOT NULL,
  state VARCHAR(16) NOT NULL, starts_at {{.Time}} NOT NULL, due INT NOT NULL, floor_seconds INT NOT NULL, chair_id BIGINT NOT NULL,
  supervisor_id BIGINT NOT NULL, short_reason VARCHAR(255) NOT NULL, reason TEXT NOT NULL, secret {{.Blob}} NOT NULL,
  created_at {{.Time}} NOT NULL, announced_at {{.Time}} NULL, opened_at {{.Time}} NULL, closed_at {{.Time}} NULL
) {{.End}};
CREATE INDEX sessions_org ON sessions (org_id, starts_at);
CREATE INDEX sessions_point ON sessions (point_id, state);

CREATE TABLE remarks (
  id {{.ID}}, session_id BIGINT NOT NULL, person_id BIGINT NOT NULL, words TEXT NOT NULL, at {{.Time}} NOT NULL
) {{.End}};
CREATE INDEX remarks_session ON remarks (session_id);

CREATE TABLE agendas (
  session_id BIGINT NOT NULL, topic_id BIGINT NOT NULL, position INT NOT NULL, left_at {{.Time}} NULL, PRIMARY KEY (session_id, topic_id)
) {{.End}};
CREATE INDEX agendas_topic ON agendas (topic_id);

CREATE TABLE invitations (
  id {{.ID}}, session_id BIGINT NOT NULL, org_id BIGINT NOT NULL, person_id BIGINT NOT NULL, part VARCHAR(32) NOT NULL,
  reply VARCHAR(16) NOT NULL, words VARCHAR(255) NOT NULL, replied_at {{.Time}} NULL
) {{.End}};
CREATE UNIQUE INDEX invitations_who ON invitations (session_id, org_id, person_id);

CREATE TABLE presences (
  session_id BIGINT NOT NULL, person_id BIGINT NOT NULL, how VARCHAR(16) NOT NULL, helper_id BIGINT NOT NULL,
  consent VARCHAR(255) NOT NULL, at {{.Time}} NOT NULL, PRIMARY KEY (session_id, person_id)
) {{.End}};

-- Who asked for the floor. stands is true while they wait or speak, else empty.
CREATE TABLE speakers (
  id {{.ID}}, session_id BIGINT NOT NULL, topic_id BIGINT NOT NULL, person_id BIGINT NOT NULL, helper_id BIGINT NOT NULL, stance VARCHAR(16) NOT NULL,
  part VARCHAR(16) NOT NULL, asked_at {{.Time}} NOT NULL, seconds INT NOT NULL, given_at {{.Time}} NULL, ended_at {{.Time}} NULL, stands BOOLEAN NULL
) {{.End}};
CREATE UNIQUE INDEX speakers_one ON speakers (session_id, topic_id, person_id, stands);

-- What the minutes say of a topic: versions are only ever added. With the session
-- closed the whole is kept as it is; from then on there are corrections beside it.
CREATE TABLE minutes_texts (
  session_id BIGINT NOT NULL, topic_id BIGINT NOT NULL, version INT NOT NULL, words TEXT NOT NULL, person_id BIGINT NOT NULL,
  at {{.Time}} NOT NULL, PRIMARY KEY (session_id, topic_id, version)
) {{.End}};

CREATE TABLE minutes (
  session_id BIGINT NOT NULL PRIMARY KEY, body {{.Long}} NOT NULL, hash VARCHAR(64) NOT NULL, at {{.Time}} NOT NULL
) {{.End}};

CREATE TABLE minutes_corrections (
  id {{.ID}}, session_id BIGINT NOT NULL, topic_id BIGINT NOT NULL, words TEXT NOT NULL, person_id BIGINT NOT NULL, at {{.Time}} NOT NULL
) {{.End}};
CREATE INDEX minutes_corrections_session ON minutes_corrections (session_id);

-- A screen in the room of a session. Its token and its code are kept as hashes; the
-- code is empty once it was used.
CREATE TABLE screens (
  id {{.ID}}, token VARCHAR(64) NOT NULL, code VARCHAR(64) NULL, session_id BIGINT NOT NULL, asked_at {{.Time}} NOT NULL,
  expires_at {{.Time}} NOT NULL, paired_by BIGINT NOT NULL, paired_at {{.Time}} NULL
) {{.End}};
CREATE UNIQUE INDEX screens_token ON screens (token);
CREATE UNIQUE INDEX screens_code ON screens (code);
CREATE INDEX screens_session ON screens (session_id);
CREATE INDEX screens_expires ON screens (expires_at);

CREATE TABLE attempts (
  person_id BIGINT NOT NULL, minute BIGINT NOT NULL, what VARCHAR(16) NOT NULL, n INT NOT NULL,
  PRIMARY KEY (person_id, what, minute)
) {{.End}};

CREATE TABLE polls (
  id {{.ID}}, org_id BIGINT NOT NULL, topic_id BIGINT NOT NULL, session_id BIGINT NOT NULL, question VARCHAR(255) NOT NULL,
  pack VARCHAR(32) NOT NULL, definition {{.Long}} NOT NULL, hash VARCHAR(64) NOT NULL, state VARCHAR(16) NOT NULL,
  due INT NOT NULL, area BIGINT NOT NULL, opened_at {{.Time}} NOT NULL, closes_at {{.Time}} NULL, count_until {{.Time}} NULL, closed_at {{.Time}} NULL, verdict {{.Long}} NOT NULL, sealed BOOLEAN NOT NULL
) {{.End}};
CREATE INDEX polls_topic ON polls (topic_id);
CREATE INDEX polls_session ON polls (session_id);
CREATE INDEX polls_open ON polls (state, closes_at);

-- Every batch of ballots writes one shard of its poll; closing writes them all.
-- So no ballot can land once closing has returned, on a cluster too. The last
-- shard is for paper, which may still be entered while the poll is counting.
CREATE TABLE shards (
  poll_id BIGINT NOT NULL, shard INT NOT NULL, open BOOLEAN NOT NULL, ballots BIGINT NOT NULL, PRIMARY KEY (poll_id, shard)
) {{.Keyed}};

-- The exact count, written in the transaction of the ballots that it counts.
CREATE TABLE tallies (
  poll_id BIGINT NOT NULL, shard INT NOT NULL, choice VARCHAR(64) NOT NULL, door VARCHAR(16) NOT NULL,
  ballots BIGINT NOT NULL, area BIGINT NOT NULL, PRIMARY KEY (poll_id, shard, choice, door)
) {{.Keyed}};

CREATE TABLE seats (
  poll_id BIGINT NOT NULL, unit VARCHAR(32) NOT NULL, person_id BIGINT NOT NULL, capacity VARCHAR(16) NOT NULL,
  area BIGINT NOT NULL, PRIMARY KEY (poll_id, person_id, unit)
) {{.Keyed}};
CREATE INDEX seats_unit ON seats (poll_id, unit);

-- Who votes for a unit in its holder's stead, on one poll.
CREATE TABLE proxies (
  poll_id BIGINT NOT NULL, unit VARCHAR(32) NOT NULL, principal_id BIGINT NOT NULL, agent_id BIGINT NOT NULL,
  named_by BIGINT NOT NULL, consent VARCHAR(255) NOT NULL, at {{.Time}} NOT NULL, PRIMARY KEY (poll_id, unit)
) {{.End}};
CREATE INDEX proxies_agent ON proxies (poll_id, agent_id);

-- A code on paper, by which one unit votes once. What is kept of it is a hash that
-- nobody can make without the key.
CREATE TABLE paper_codes (
  id {{.ID}}, poll_id BIGINT NOT NULL, unit VARCHAR(32) NOT NULL, hash VARCHAR(64) NOT NULL, issued_by BIGINT NOT NULL, issued_at {{.Time}} NOT NULL,
  withdrawn_by BIGINT NOT NULL, withdrawn_at {{.Time}} NULL, reason TEXT NOT NULL, spent_at {{.Time}} NULL
) {{.End}};
CREATE UNIQUE INDEX paper_codes_hash ON paper_codes (hash);
CREATE INDEX paper_codes_unit ON paper_codes (poll_id, unit);

-- A sheet that was handed in for a unit. Its unit's ballots tell where it stands:
-- turn names the registration that an entry or a correction belongs to. Rows of
-- these three are only ever added.
CREATE TABLE sheets (
  poll_id BIGINT NOT NULL, number VARCHAR(32) NOT NULL, unit VARCHAR(32) NOT NULL, registered_by BIGINT NOT NULL, at {{.Time}} NOT NULL,
  PRIMARY KEY (poll_id, number)
) {{.End}};
CREATE INDEX sheets_unit ON sheets (poll_id, unit);

CREATE TABLE sheet_entries (
  poll_id BIGINT NOT NULL, number VARCHAR(32) NOT NULL, turn INT NOT NULL, person_id BIGINT NOT NULL, choice VARCHAR(64) NOT NULL, at {{.Time}} NOT NULL,
  PRIMARY KEY (poll_id, number, turn, person_id)
) {{.End}};

CREATE TABLE sheet_corrections (
  poll_id BIGINT NOT NULL, number VARCHAR(32) NOT NULL, turn INT NOT NULL, person_id BIGINT NOT NULL, reason TEXT NOT NULL, at {{.Time}} NOT NULL,
  PRIMARY KEY (poll_id, number, turn)
) {{.End}};

-- What was registered and taken back again, under the turn by which it was.
CREATE TABLE sheet_withdrawals (
  poll_id BIGINT NOT NULL, unit VARCHAR(32) NOT NULL, turn INT NOT NULL, number VARCHAR(32) NOT NULL, registered_by BIGINT NOT NULL,
  registered_at {{.Time}} NOT NULL, person_id BIGINT NOT NULL, reason TEXT NOT NULL, at {{.Time}} NOT NULL, PRIMARY KEY (poll_id, unit, turn)
) {{.End}};

-- Whose ballot somebody else took down, on whose word.
CREATE TABLE assists (
  poll_id BIGINT NOT NULL, unit VARCHAR(32) NOT NULL, person_id BIGINT NOT NULL, helper_id BIGINT NOT NULL, consent VARCHAR(255) NOT NULL,
  at {{.Time}} NOT NULL, PRIMARY KEY (poll_id, unit)
) {{.End}};

-- One row per (poll, person) where somebody sits in several capacities: the one
-- in which they act on this poll.
CREATE TABLE acts (
  poll_id BIGINT NOT NULL, person_id BIGINT NOT NULL, capacity VARCHAR(16) NOT NULL, PRIMARY KEY (poll_id, person_id)
) {{.End}};

-- The record of a poll: rows are only ever added. One ballot per unit and turn,
-- decided by this key; the highest turn counts, and there is a second one only
-- where the rule pack lets people vote again.
CREATE TABLE ballots (
  poll_id BIGINT NOT NULL, unit VARCHAR(32) NOT NULL, turn INT NOT NULL, person_id BIGINT NOT NULL, choice VARCHAR(64) NOT NULL,
  area BIGINT NOT NULL, door VARCHAR(16) NOT NULL, receipt VARCHAR(16) NOT NULL, request VARCHAR(32) NOT NULL,
  batch BIGINT NOT NULL, place INT NOT NULL, at {{.Time}} NOT NULL, PRIMARY KEY (poll_id, unit, turn)
) {{.End}};
CREATE INDEX ballots_batch ON ballots (poll_id, batch, place);

-- Ballots that were committed together, under one signature. The board takes in
-- whole batches: first is the place of a batch's first leaf there.
CREATE TABLE batches (
  poll_id BIGINT NOT NULL, id BIGINT NOT NULL, size INT NOT NULL, first BIGINT NULL, PRIMARY KEY (poll_id, id)
) {{.End}};
CREATE INDEX batches_first ON batches (first);

-- What a secret poll keeps beside its definition: the sealed key that signs its
-- tokens; the pool, sealed and as one, of ballots that wait for their crowd; and
-- what opened it in the end.
CREATE TABLE secrets (
  poll_id BIGINT NOT NULL PRIMARY KEY, issuer {{.LongBlob}} NOT NULL, pool {{.LongBlob}} NOT NULL, opening {{.Long}} NOT NULL
) {{.End}};

-- The parts of its opening key. Share is kept until its holder has it; entered,
-- once the poll is closed, until there are two.
CREATE TABLE secret_shares (
  poll_id BIGINT NOT NULL, number INT NOT NULL, holder_id BIGINT NOT NULL, share {{.Blob}} NOT NULL, taken BOOLEAN NOT NULL,
  entered {{.Blob}} NOT NULL, entered_by BIGINT NOT NULL, asked_at {{.Time}} NOT NULL, PRIMARY KEY (poll_id, number)
) {{.End}};
CREATE UNIQUE INDEX secret_shares_holder ON secret_shares (poll_id, holder_id);

-- Which units have had a token: the hash of what was signed unseen, and no time.
CREATE TABLE secret_tokens (
  poll_id BIGINT NOT NULL, unit VARCHAR(32) NOT NULL, person_id BIGINT NOT NULL, blinded VARCHAR(64) NOT NULL, PRIMARY KEY (poll_id, unit)
) {{.Keyed}};

-- Secret ballots, under the random names of their tokens. They name nobody and
-- have no time but that of their batch.
CREATE TABLE secret_ballots (
  poll_id BIGINT NOT NULL, name VARCHAR(64) NOT NULL, turn INT NOT NULL, token VARCHAR(128) NOT NULL, signature VARCHAR(344) NOT NULL,
  sealed VARCHAR(512) NOT NULL, batch BIGINT NOT NULL, place INT NOT NULL, PRIMARY KEY (poll_id, name, turn)
) {{.Keyed}};
CREATE INDEX secret_ballots_batch ON secret_ballots (poll_id, batch, place);

CREATE TABLE checkpoints (
  poll_id BIGINT NOT NULL, size BIGINT NOT NULL, note TEXT NOT NULL, at {{.Time}} NOT NULL, PRIMARY KEY (poll_id, size)
) {{.End}};

CREATE TABLE outcomes (
  topic_id BIGINT NOT NULL, session_id BIGINT NOT NULL, result VARCHAR(20) NOT NULL, words TEXT NOT NULL,
  poll_id BIGINT NOT NULL, at {{.Time}} NOT NULL, PRIMARY KEY (session_id, topic_id)
) {{.End}};

CREATE TABLE orders (
  id {{.ID}}, topic_id BIGINT NOT NULL, session_id BIGINT NOT NULL, org_id BIGINT NOT NULL, what VARCHAR(255) NOT NULL,
  state VARCHAR(16) NOT NULL, promised_at {{.Time}} NOT NULL, due_at {{.Time}} NULL, due_verb VARCHAR(32) NOT NULL,
  before_state VARCHAR(16) NOT NULL, lapsed_at {{.Time}} NULL, signer_id BIGINT NOT NULL, report TEXT NOT NULL, created_at {{.Time}} NOT NULL,
  issued_at {{.Time}} NULL, signed_at {{.Time}} NULL, done_at {{.Time}} NULL
) {{.End}};
CREATE INDEX orders_topic ON orders (topic_id);
CREATE INDEX orders_org ON orders (org_id, state, id);
CREATE INDEX orders_due ON orders (due_at);

CREATE TABLE publications (
  id {{.ID}}, topic_id BIGINT NOT NULL, words TEXT NOT NULL, begins_at {{.Time}} NOT NULL,
  objections_until {{.Time}} NOT NULL, ends_at {{.Time}} NOT NULL, ended_at {{.Time}} NULL
) {{.End}};
CREATE INDEX publications_topic ON publications (topic_id, id);
CREATE INDEX publications_ends ON publications (ended_at, ends_at);

CREATE TABLE objections (
  id {{.ID}}, topic_id BIGINT NOT NULL, publication_id BIGINT NOT NULL, person_id BIGINT NOT NULL, order_id BIGINT NOT NULL,
  words TEXT NOT NULL, at {{.Time}} NOT NULL, due_at {{.Time}} NOT NULL, answer TEXT NOT NULL, upheld BOOLEAN NOT NULL, answered_at {{.Time}} NULL
) {{.End}};
CREATE UNIQUE INDEX objections_one ON objections (publication_id, person_id, order_id);
CREATE INDEX objections_topic ON objections (topic_id);

-- Who asks for a meeting. A starter has one open petition at most: stands is true
-- while it is open, else empty.
CREATE TABLE petitions (
  id {{.ID}}, org_id BIGINT NOT NULL, kind VARCHAR(16) NOT NULL, purpose VARCHAR(255) NOT NULL, starter_id BIGINT NOT NULL, state VARCHAR(16) NOT NULL,
  at {{.Time}} NOT NULL, ends_at {{.Time}} NOT NULL, met_at {{.Time}} NULL, due_at {{.Time}} NULL, lapsed_at {{.Time}} NULL, session_id BIGINT NOT NULL,
  words TEXT NOT NULL, ended_at {{.Time}} NULL, signers BIGINT NOT NULL, due BIGINT NOT NULL, stands BOOLEAN NULL
) {{.End}};
CREATE UNIQUE INDEX petitions_one ON petitions (starter_id, stands);
CREATE INDEX petitions_org ON petitions (org_id);
CREATE INDEX petitions_ends ON petitions (state, ends_at);

-- What is done with words or a picture before everybody may see them. The newest
-- of a thing stands: stands is true, else empty.
CREATE TABLE screenings (
  id {{.ID}}, org_id BIGINT NOT NULL, noun VARCHAR(16) NOT NULL, thing_id BIGINT NOT NULL, of_id BIGINT NOT NULL, person_id BIGINT NOT NULL,
  words TEXT NOT NULL, state VARCHAR(16) NOT NULL, found TEXT NOT NULL, verdict VARCHAR(16) NOT NULL, trace VARCHAR(128) NOT NULL,
  at {{.Time}} NOT NULL, due_at {{.Time}} NULL, lapsed_at {{.Time}} NULL, decided_by BIGINT NOT NULL, decided_at {{.Time}} NULL, reason TEXT NOT NULL, stands BOOLEAN NULL
) {{.End}};
CREATE UNIQUE INDEX screenings_one ON screenings (noun, thing_id, stands);
CREATE INDEX screenings_org ON screenings (org_id, state);
CREATE INDEX screenings_due ON screenings (state, due_at);
CREATE INDEX screenings_trace ON screenings (trace);

CREATE TABLE signatures (
  petition_id BIGINT NOT NULL, unit VARCHAR(32) NOT NULL, person_id BIGINT NOT NULL, at {{.Time}} NOT NULL, PRIMARY KEY (petition_id, unit)
) {{.End}};

CREATE TABLE confirmations (
  topic_id BIGINT NOT NULL, turn INT NOT NULL, person_id BIGINT NOT NULL, answer VARCHAR(16) NOT NULL, words TEXT NOT NULL,
  helper_id BIGINT NOT NULL, consent VARCHAR(255) NOT NULL, asked_at {{.Time}} NOT NULL, reminders INT NOT NULL, answered_at {{.Time}} NULL, PRIMARY KEY (topic_id, turn, person_id)
) {{.End}};
CREATE INDEX confirmations_person ON confirmations (person_id);
CREATE INDEX confirmations_open ON confirmations (answer, asked_at);

CREATE TABLE cases (
  topic_id BIGINT NOT NULL PRIMARY KEY, org_id BIGINT NOT NULL, item VARCHAR(16) NOT NULL, title VARCHAR(191) NOT NULL,
  words TEXT NOT NULL, days INT NOT NULL, solved INT NOT NULL, silent INT NOT NULL, unsolved INT NOT NULL, at {{.Time}} NOT NULL
) {{.End}};

CREATE TABLE alliances (
  id {{.ID}}, org_id BIGINT NOT NULL, name VARCHAR(64) NOT NULL, created_at {{.Time}} NOT NULL
) {{.End}};
CREATE UNIQUE INDEX alliances_name ON alliances (org_id, name);

CREATE TABLE members (
  id {{.ID}}, alliance_id BIGINT NOT NULL, person_id BIGINT NOT NULL, kind VARCHAR(16) NOT NULL, name VARCHAR(64) NOT NULL,
  credit_code VARCHAR(32) NULL, lat DOUBLE NOT NULL, lng DOUBLE NOT NULL, conflict VARCHAR(255) NOT NULL, state VARCHAR(16) NOT NULL,
  asked_at {{.Time}} NOT NULL, decided_by BIGINT NOT NULL, decided_at {{.Time}} NULL, left_at {{.Time}} NULL
) {{.End}};
CREATE UNIQUE INDEX members_code ON members (alliance_id, credit_code);
CREATE INDEX members_person ON members (person_id);

CREATE TABLE notices (
  id {{.ID}}, person_id BIGINT NOT NULL, code VARCHAR(64) NOT NULL, params TEXT NOT NULL, at {{.Time}} NOT NULL,
  due_at {{.Time}} NULL, attempts INT NOT NULL, channel VARCHAR(16) NOT NULL, failure VARCHAR(255) NOT NULL, sent_at {{.Time}} NULL
) {{.End}};
CREATE INDEX notices_due ON notices (due_at);
CREATE INDEX notices_person ON notices (person_id, id);

CREATE TABLE rights (
  app_id VARCHAR(64) NOT NULL, open_id VARCHAR(64) NOT NULL, channel VARCHAR(16) NOT NULL, code VARCHAR(64) NOT NULL,
  rest INT NOT NULL, until {{.Time}} NULL, PRIMARY KEY (app_id, open_id, channel, code)
) {{.End}};

CREATE TABLE wishes (
  person_id BIGINT NOT NULL PRIMARY KEY, quiet_from INT NOT NULL, quiet_to INT NOT NULL, digest BOOLEAN NOT NULL
) {{.End}};

CREATE TABLE tokens (
  app_id VARCHAR(64) NOT NULL PRIMARY KEY, token {{.Blob}} NOT NULL, expires_at {{.Time}} NOT NULL
) {{.End}};

CREATE TABLE dialogues (
  app_id VARCHAR(64) NOT NULL, open_id VARCHAR(64) NOT NULL, turn BIGINT NOT NULL, step VARCHAR(32) NOT NULL, notes TEXT NOT NULL,
  expires_at {{.Time}} NOT NULL, PRIMARY KEY (app_id, open_id)
) {{.End}};

CREATE TABLE inboxes (
  app_id VARCHAR(64) NOT NULL, open_id VARCHAR(64) NOT NULL, msg_id VARCHAR(64) NOT NULL, reply TEXT NOT NULL,
  at {{.Time}} NOT NULL, PRIMARY KEY (app_id, open_id, msg_id)
) {{.End}};
CREATE INDEX inboxes_at ON inboxes (at);
