-- Which files of a source a pipeline has taken: by name and state, and by content.
CREATE TABLE import_seen (
    environment_id {text} NOT NULL,
    pipeline_id {text} NOT NULL,
    -- Keyed hash of either, 16 bytes: neither names nor contents stand here.
    mark BYTEA NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, pipeline_id, mark)
) {clustered};
