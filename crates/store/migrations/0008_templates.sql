-- Inquiry templates and their versions. They belong to the organization and hold nothing personal: what an
-- author wrote, as clear JSON.
CREATE TABLE inquiry_templates (
    organization_id {text} NOT NULL,
    id {text} NOT NULL,
    name_key {text} NOT NULL,
    -- What it has beside its versions, as JSON.
    head {text} NOT NULL,
    -- The one version that new inquiries get; none before the first is published.
    live_version_id {text},
    -- How often it was changed.
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
) {clustered};

CREATE UNIQUE INDEX inquiry_templates_by_name ON inquiry_templates (organization_id, name_key);

CREATE TABLE inquiry_template_versions (
    organization_id {text} NOT NULL,
    id {text} NOT NULL,
    template_id {text} NOT NULL,
    -- `draft` or `published`. What is published never changes.
    status {text} NOT NULL,
    definition {text} NOT NULL,
    description {text},
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    published_at BIGINT,
    PRIMARY KEY (organization_id, id)
);

CREATE INDEX inquiry_template_versions_by_template
    ON inquiry_template_versions (organization_id, template_id, id);
CREATE UNIQUE INDEX inquiry_template_drafts
    ON inquiry_template_versions (organization_id, template_id) WHERE status = 'draft';

-- The verification templates that an inquiry template ever had, as they were written last: IDs stay by key.
CREATE TABLE verification_templates (
    organization_id {text} NOT NULL,
    id {text} NOT NULL,
    template_id {text} NOT NULL,
    version_id {text} NOT NULL,
    config {text} NOT NULL,
    PRIMARY KEY (organization_id, id)
);

CREATE INDEX verification_templates_by_template ON verification_templates (organization_id, template_id, id);
