-- API keys as the API shows them, and what people did with Muster.

-- From here on a list of scopes in `permissions` may hold `*`: all that are granted by default, future ones
-- too. Null means the same as a list of nothing but `*`.
ALTER TABLE api_keys ADD COLUMN note {text};
-- JSON list of attributes that replies leave out.
ALTER TABLE api_keys ADD COLUMN blocklist {text} NOT NULL DEFAULT '[]';
-- Seconds for which a link to a file works.
ALTER TABLE api_keys ADD COLUMN file_access_token_expires_in BIGINT NOT NULL DEFAULT 21600;
ALTER TABLE api_keys ADD COLUMN last_used_at BIGINT;

CREATE INDEX api_keys_by_name ON api_keys (environment_id, name, id);

-- People who work with Muster.
CREATE TABLE users (
    organization_id {text} NOT NULL,
    id {text} NOT NULL,
    -- `operator`: somebody at the command line, known by the name of the login.
    kind {text} NOT NULL,
    -- The data key of the user, wrapped by the master key.
    wrapped BYTEA,
    -- Name and e-mail address, sealed under the data key.
    profile BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
) {clustered};

CREATE INDEX users_by_kind ON users (organization_id, kind, id);

-- One per run of the command line.
CREATE TABLE user_sessions (
    organization_id {text} NOT NULL,
    id {text} NOT NULL,
    user_id {text} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
) {clustered};

-- What was done. Nothing personal stands in it: names of keys, types and environments, and IDs.
CREATE TABLE user_audit_logs (
    organization_id {text} NOT NULL,
    id {text} NOT NULL,
    -- Null where an API key did it.
    user_id {text},
    user_session_id {text},
    method {text} NOT NULL,
    path {text} NOT NULL,
    -- JSON.
    post_params {text} NOT NULL,
    ip_address {text},
    user_agent {text},
    response_status BIGINT NOT NULL,
    -- JSON; names the API key that did it.
    context {text} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
) {clustered};
