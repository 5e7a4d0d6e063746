//! Table: the operations of the API that the client has methods for.

/// One operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its ID in the OpenAPI document.
    pub id: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path below the base URL, such as `/accounts/{account-id}`.
    pub path: &'static str,
}

macro_rules! endpoints {
    ($($name:ident = $id:literal $method:ident $path:literal;)*) => {
        $(pub(crate) const $name: Endpoint = Endpoint { id: $id, method: stringify!($method), path: $path };)*

        /// The operations that the client has methods for: all of the API.
        pub const ENDPOINTS: &[Endpoint] = &[$($name),*];
    };
}

endpoints! {
    LIST_ACCOUNTS = "list-all-accounts" GET "/accounts";
    CREATE_ACCOUNT = "create-an-account" POST "/accounts";
    RETRIEVE_ACCOUNT = "retrieve-an-account" GET "/accounts/{account-id}";
    UPDATE_ACCOUNT = "update-an-account" PATCH "/accounts/{account-id}";
    BATCH_ACCOUNTS = "batch-accounts" POST "/accounts/batch";
    SEARCH_ACCOUNTS = "search-accounts" POST "/accounts/search";
    REDACT_ACCOUNT = "redact-an-account" DELETE "/accounts/{account-id}";
    ARCHIVE_ACCOUNT = "archive-an-account" POST "/accounts/{account-id}/archive";
    RESTORE_ACCOUNT = "restore-an-account" POST "/accounts/{account-id}/restore";
    RUN_ACCOUNT_ACTION = "runAccountAction" POST "/accounts/{account-id}/run-action";
    ADD_TAG = "accounts-add-tag" POST "/accounts/{account-id}/add-tag";
    REMOVE_TAG = "accounts-remove-tag" POST "/accounts/{account-id}/remove-tag";
    SET_TAGS = "accounts-set-all-tags" POST "/accounts/{account-id}/set-tags";
    LIST_RELATIONS = "accounts-list-all-relations" GET "/accounts/{account-id}/relations";
    ADD_RELATION = "accounts-add-relation" POST "/accounts/{account-id}/add-relation";
    REMOVE_RELATION = "accounts-remove-relation" POST "/accounts/{account-id}/remove-relation";
    CONSOLIDATE = "consolidate-into-an-account" POST "/accounts/{account-id}/consolidate";
    PREVIEW_CONSOLIDATION = "preview-a-consolidation" POST "/accounts/{account-id}/preview-consolidation";
    UNCONSOLIDATE = "unconsolidate-an-account" POST "/accounts/{account-id}/unconsolidate";
    LIST_TIMELINE = "list-the-timeline-of-an-account" GET "/accounts/{account-id}/timeline";
    LIST_FIELD_ORIGINS = "list-the-field-origins-of-an-account" GET "/accounts/{account-id}/field-origins";
    RETRIEVE_ACCOUNT_AS_OF = "retrieve-an-account-as-of" GET "/accounts/{account-id}/as-of";
    LIST_ACCOUNT_TYPES = "list-all-account-types" GET "/account-types";
    CREATE_ACCOUNT_TYPE = "create-an-account-type" POST "/account-types";
    RETRIEVE_ACCOUNT_TYPE = "retrieve-an-account-type" GET "/account-types/{account-type-id}";
    UPDATE_ACCOUNT_TYPE = "update-an-account-type" PATCH "/account-types/{account-type-id}";
    LIST_INQUIRIES = "list-all-inquiries" GET "/inquiries";
    CREATE_INQUIRY = "create-an-inquiry" POST "/inquiries";
    RETRIEVE_INQUIRY = "retrieve-an-inquiry" GET "/inquiries/{inquiry-id}";
    UPDATE_INQUIRY = "update-an-inquiry" PATCH "/inquiries/{inquiry-id}";
    REDACT_INQUIRY = "redact-an-inquiry" DELETE "/inquiries/{inquiry-id}";
    SEARCH_INQUIRIES = "search-inquiries" POST "/inquiries/search";
    APPROVE_INQUIRY = "approve-an-inquiry" POST "/inquiries/{inquiry-id}/approve";
    DECLINE_INQUIRY = "decline-an-inquiry" POST "/inquiries/{inquiry-id}/decline";
    MARK_INQUIRY_FOR_REVIEW = "mark-an-inquiry-for-review" POST "/inquiries/{inquiry-id}/mark-for-review";
    EXPIRE_INQUIRY = "expire-an-inquiry" POST "/inquiries/{inquiry-id}/expire";
    RESUME_INQUIRY = "resume-an-inquiry" POST "/inquiries/{inquiry-id}/resume";
    ADD_INQUIRY_TAG = "inquiries-add-tag" POST "/inquiries/{inquiry-id}/add-tag";
    REMOVE_INQUIRY_TAG = "inquiries-remove-tag" POST "/inquiries/{inquiry-id}/remove-tag";
    SET_INQUIRY_TAGS = "inquiries-set-all-tags" POST "/inquiries/{inquiry-id}/set-tags";
    INQUIRY_ONE_TIME_LINK = "generate-a-one-time-link" POST "/inquiries/{inquiry-id}/generate-one-time-link";
    SIMULATE_INQUIRY = "inquiries-perform-simulate-actions" POST "/inquiries/{inquiry-id}/perform-simulate-actions";
    PRINT_INQUIRY = "print-an-inquiry-pdf" GET "/inquiries/{inquiry-id}/print";
    LIST_INQUIRY_SESSIONS = "list-all-inquiry-sessions" GET "/inquiry-sessions";
    CREATE_INQUIRY_SESSION = "create-an-inquiry-session" POST "/inquiry-sessions";
    EXPIRE_INQUIRY_SESSIONS = "expire-inquiry-sessions" POST "/inquiry-sessions/expire-all";
    RETRIEVE_INQUIRY_SESSION = "retrieve-an-inquiry-session" GET "/inquiry-sessions/{inquiry-session-id}";
    EXPIRE_INQUIRY_SESSION = "expire-an-inquiry-session" POST "/inquiry-sessions/{inquiry-session-id}/expire";
    SESSION_ONE_TIME_LINK = "generate-a-one-time-link-for-an-inquiry-session" POST "/inquiry-sessions/{inquiry-session-id}/generate-one-time-link";
    LIST_INQUIRY_TEMPLATES = "list-all-inquiry-templates" GET "/inquiry-templates";
    CREATE_INQUIRY_TEMPLATE = "create-an-inquiry-template" POST "/inquiry-templates";
    RETRIEVE_INQUIRY_TEMPLATE = "retrieve-an-inquiry-template" GET "/inquiry-templates/{inquiry-template-id}";
    UPDATE_INQUIRY_TEMPLATE = "update-an-inquiry-template" PATCH "/inquiry-templates/{inquiry-template-id}";
    PUBLISH_INQUIRY_TEMPLATE = "publish-an-inquiry-template" POST "/inquiry-templates/{inquiry-template-id}/publish";
    RETRIEVE_TRANSLATIONS = "retrieve-inquiry-template-translations" GET "/inquiry-templates/{inquiry-template-id}/translations";
    IMPORT_TRANSLATIONS = "import-inquiry-template-translations" POST "/inquiry-templates/{inquiry-template-id}/translations";
    LIST_INQUIRY_TEMPLATE_VERSIONS = "list-all-inquiry-template-versions" GET "/inquiry-template-versions";
    RETRIEVE_INQUIRY_TEMPLATE_VERSION = "retrieve-an-inquiry-template-version" GET "/inquiry-template-versions/{inquiry-template-version-id}";
    RETRIEVE_VERIFICATION = "retrieve-a-verification" GET "/verifications/{verification-id}";
    RETRIEVE_AAMVA = "retrieve-an-aamva-verification" GET "/verification/aamvas/{verification-id}";
    RETRIEVE_DATABASE = "retrieve-a-database-verification" GET "/verification/databases/{verification-id}";
    RETRIEVE_DATABASE_ECBSV = "retrieve-an-ecbsv-database-verification" GET "/verification/database-ecbsvs/{verification-id}";
    RETRIEVE_DATABASE_PHONE_CARRIER = "retrieve-a-phone-carrier-database-verification" GET "/verification/database-phone-carriers/{verification-id}";
    RETRIEVE_DATABASE_SERPRO = "retrieve-a-serpro-database-verification" GET "/verification/database-serpros/{verification-id}";
    RETRIEVE_DATABASE_STANDARD = "retrieve-a-database-standard-verification" GET "/verification/database-standards/{verification-id}";
    RETRIEVE_DATABASE_TIN = "retrieve-a-tin-database-verification" GET "/verification/database-tins/{verification-id}";
    RETRIEVE_DOCUMENT_VERIFICATION = "retrieve-a-document-verification" GET "/verification/documents/{verification-id}";
    RETRIEVE_EMAIL_ADDRESS = "retrieve-a-email-address-verification" GET "/verification/email-addresses/{verification-id}";
    RETRIEVE_GOVERNMENT_ID = "retrieve-a-government-id-verification" GET "/verification/government-ids/{verification-id}";
    RETRIEVE_GOVERNMENT_ID_NFC = "retrieve-a-government-id-nfc-verification" GET "/verification/government-id-nfcs/{verification-id}";
    RETRIEVE_PHONE_NUMBER = "retrieve-a-phone-number-verification" GET "/verification/phone-numbers/{verification-id}";
    RETRIEVE_SELFIE = "retrieve-a-selfie-verification" GET "/verification/selfies/{verification-id}";
    REDACT_VERIFICATION = "redact-a-verification" DELETE "/verifications/{verification-id}";
    LOCK_VERIFICATION = "investigation-lock-a-verification" POST "/verifications/{verification-id}/investigation-lock";
    UNLOCK_VERIFICATION = "investigation-unlock-a-verification" POST "/verifications/{verification-id}/investigation-unlock";
    PRINT_VERIFICATION = "print-a-verification-as-pdf" GET "/verifications/{verification-id}/print";
    RETRIEVE_DOCUMENT = "retrieve-a-document" GET "/documents/{document-id}";
    RETRIEVE_GENERIC_DOCUMENT = "retrieve-a-generic-document" GET "/document/generics/{document-id}";
    RETRIEVE_GOVERNMENT_ID_DOCUMENT = "retrieve-a-government-id-document" GET "/document/government-ids/{document-id}";
    IMPORT_ACCOUNTS = "import-an-account" POST "/importer/accounts";
    LIST_IMPORTERS = "list-all-importers" GET "/importers";
    RETRIEVE_IMPORTER = "retrieve-an-importer" GET "/importers/{importer-id}";
    LIST_IMPORTER_ERRORS = "list-the-errors-of-an-importer" GET "/importers/{importer-id}/errors";
    DOWNLOAD_IMPORTER_ERRORS = "download-the-errors-of-an-importer" GET "/importers/{importer-id}/errors.csv";
    CREATE_IMPORTER_FILE = "create-an-importer-file" POST "/importer-files";
    RETRIEVE_IMPORTER_FILE = "retrieve-an-importer-file" GET "/importer-files/{importer-file-id}";
    PUT_IMPORTER_FILE_PART = "upload-a-part-of-an-importer-file" PUT "/importer-files/{importer-file-id}/parts/{part-number}";
    COMPLETE_IMPORTER_FILE = "complete-an-importer-file" POST "/importer-files/{importer-file-id}/complete";
    PROPOSE_MAPPING = "propose-a-mapping-of-an-importer-file" POST "/importer-files/{importer-file-id}/propose-mapping";
    LIST_IMPORTER_PIPELINES = "list-all-importer-pipelines" GET "/importer-pipelines";
    CREATE_IMPORTER_PIPELINE = "create-an-importer-pipeline" POST "/importer-pipelines";
    RETRIEVE_IMPORTER_PIPELINE = "retrieve-an-importer-pipeline" GET "/importer-pipelines/{importer-pipeline-id}";
    UPDATE_IMPORTER_PIPELINE = "update-an-importer-pipeline" PATCH "/importer-pipelines/{importer-pipeline-id}";
    ARCHIVE_IMPORTER_PIPELINE = "archive-an-importer-pipeline" POST "/importer-pipelines/{importer-pipeline-id}/archive";
    RUN_IMPORTER_PIPELINE = "run-an-importer-pipeline" POST "/importer-pipelines/{importer-pipeline-id}/run";
    LIST_IMPORTER_RUNS = "list-all-importer-pipeline-runs" GET "/importer-pipeline-runs";
    RETRIEVE_IMPORTER_RUN = "retrieve-an-importer-pipeline-run" GET "/importer-pipeline-runs/{importer-pipeline-run-id}";
    PAUSE_IMPORTER_RUN = "pause-an-importer-pipeline-run" POST "/importer-pipeline-runs/{importer-pipeline-run-id}/pause";
    RESUME_IMPORTER_RUN = "resume-an-importer-pipeline-run" POST "/importer-pipeline-runs/{importer-pipeline-run-id}/resume";
    CANCEL_IMPORTER_RUN = "cancel-an-importer-pipeline-run" POST "/importer-pipeline-runs/{importer-pipeline-run-id}/cancel";
    COMMIT_IMPORTER_RUN = "commit-an-importer-pipeline-run" POST "/importer-pipeline-runs/{importer-pipeline-run-id}/commit";
    UNDO_IMPORTER_RUN = "undo-an-importer-pipeline-run" POST "/importer-pipeline-runs/{importer-pipeline-run-id}/undo";
    RETRY_IMPORTER_RUN = "retry-an-importer-pipeline-run" POST "/importer-pipeline-runs/{importer-pipeline-run-id}/retry-failed";
    REDACT_IMPORTER_RUN = "redact-an-importer-pipeline-run" POST "/importer-pipeline-runs/{importer-pipeline-run-id}/redact";
    LIST_IMPORTER_ROWS = "list-the-rows-of-an-importer-pipeline-run" GET "/importer-pipeline-runs/{importer-pipeline-run-id}/rows";
    DOWNLOAD_REJECTS = "download-the-rejects-of-an-importer-pipeline-run" GET "/importer-pipeline-runs/{importer-pipeline-run-id}/rejects.csv";
    LIST_REPORTS = "list-all-reports" GET "/reports";
    CREATE_REPORT = "create-a-report" POST "/reports";
    RETRIEVE_REPORT = "retrieve-a-report" GET "/reports/{report-id}";
    REDACT_REPORT = "redact-a-report" DELETE "/reports/{report-id}";
    RUN_REPORT = "report-action-re-run-report" POST "/reports/{report-id}/run";
    PAUSE_REPORT = "report-action-pause-continuous-monitoring" POST "/reports/{report-id}/pause";
    RESUME_REPORT = "report-action-resume-continuous-monitoring" POST "/reports/{report-id}/resume";
    DISMISS_MATCHES = "dismiss-matches" POST "/reports/{report-id}/dismiss";
    ADD_REPORT_TAG = "reports-add-tag" POST "/reports/{report-id}/add-tag";
    REMOVE_REPORT_TAG = "reports-remove-tag" POST "/reports/{report-id}/remove-tag";
    SET_REPORT_TAGS = "reports-set-all-tags" POST "/reports/{report-id}/set-tags";
    LIST_REPORT_HISTORY = "list-report-history" GET "/reports/{report-id}/history";
    LIST_REPORT_RUNS = "list-the-runs-of-a-report" GET "/reports/{report-id}/runs";
    PRINT_REPORT = "print-report-pdf" GET "/reports/{report-id}/print";
    LIST_REPORT_TEMPLATES = "list-all-report-templates" GET "/report-templates";
    CREATE_REPORT_TEMPLATE = "create-a-report-template" POST "/report-templates";
    RETRIEVE_REPORT_TEMPLATE = "retrieve-a-report-template" GET "/report-templates/{report-template-id}";
    UPDATE_REPORT_TEMPLATE = "update-a-report-template" PATCH "/report-templates/{report-template-id}";
    LIST_EVENTS = "list-all-events" GET "/events";
    RETRIEVE_EVENT = "retrieve-an-event" GET "/events/{event-id}";
    LIST_API_LOGS = "list-all-api-logs" GET "/api-logs";
    RETRIEVE_API_LOG = "retrieve-an-api-log" GET "/api-logs/{api-log-id}";
    LIST_RATE_LIMITS = "list-all-rate-limits" GET "/rate-limits";
    LIST_API_KEYS = "list-all-api-keys" GET "/api-keys";
    CREATE_API_KEY = "create-an-api-key" POST "/api-keys";
    RETRIEVE_API_KEY = "retrieve-an-api-key" GET "/api-keys/{api-key-id}";
    UPDATE_API_KEY = "update-an-api-key" PATCH "/api-keys/{api-key-id}";
    EXPIRE_API_KEY = "expire-an-api-key" POST "/api-keys/{api-key-id}/expire";
    CLONE_API_KEY = "clone-api-key" POST "/api-keys/{api-key-id}/clone";
    LIST_USER_AUDIT_LOGS = "list-all-user-audit-logs" GET "/user-audit-logs";
    RETRIEVE_USER_AUDIT_LOG = "retrieve-a-user-audit-log" GET "/user-audit-logs/{user-audit-log-id}";
}
