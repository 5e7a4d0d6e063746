//! `muster report-templates`: report templates as text files that can be reviewed and applied.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use muster_app::reports::{self, AppliedTemplate};
use muster_app::user_audit_logs::record_command;
use muster_app::{App, Cx, Error, ReadCx};
use muster_domain::IdSource;
use muster_domain::report::{ReportTemplate, ReportTemplateSpec};
use serde_json::{Value, json};

use super::place::{Place, Whose};
use super::templates::refused;
use crate::config::Config;
use crate::installation;
use crate::operator;
use crate::output::{Failure, fail, line};

#[derive(Subcommand)]
pub enum Command {
    /// Create the template a file describes, or make the next revision of the one of that name
    Apply {
        /// A TOML file
        file: PathBuf,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        whose: Whose,
    },
    /// Print a template as a file
    Export {
        /// Its name
        name: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// Say what applying a file would change
    Diff {
        /// A TOML file
        file: PathBuf,
        #[command(flatten)]
        whose: Whose,
    },
    /// List the templates
    List {
        #[command(flatten)]
        whose: Whose,
    },
}

pub fn run(config: &Config, command: Command) -> Result<(), Failure> {
    let app = installation::open(config)?;
    match command {
        Command::Apply { file, dry_run, whose } => {
            let (place, source) = (Place::find(&app, whose)?, Written::read(&file)?);
            source.tell_changes(&app, &place)?;
            if dry_run {
                return Ok(());
            }
            tell(&source.apply(&app, &place)?);
            Ok(())
        }
        Command::Diff { file, whose } => Written::read(&file)?.tell_changes(&app, &Place::find(&app, whose)?),
        Command::Export { name, whose } => export(&app, &Place::find(&app, whose)?, &name),
        Command::List { whose } => list(&app, &Place::find(&app, whose)?),
    }
}

/// A template as it is written in a file.
struct Written {
    name: String,
    text: String,
    spec: Arc<ReportTemplateSpec>,
}

impl Written {
    fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure(format!("{name} cannot be read: {error}")))?;
        let spec =
            ReportTemplateSpec::from_toml(&text).map_err(|error| Failure(format!("{name}: {error}")))?;
        Ok(Self { name, text, spec: Arc::new(spec) })
    }

    fn refused(&self, error: Error) -> Failure {
        refused((&self.name, &self.text), error)
    }

    fn tell_changes(&self, app: &App, place: &Place) -> Result<(), Failure> {
        let (scope, spec) = (place.scope()?, Arc::clone(&self.spec));
        let preview = app.db.read_blocking("report_templates.preview", move |tx| {
            reports::preview_template(tx, &scope.environment.organization, &spec)
        });
        let AppliedTemplate { before, changes } = preview.map_err(|error| self.refused(error))?;
        match (before, changes.as_slice()) {
            (None, _) => {
                let (name, kind) = (&self.spec.name, self.spec.kind.as_str());
                line(format_args!("+ report template {name} of {kind}"));
            }
            (Some(before), []) => line(format_args!("{} is already as the file says", before.name)),
            (_, changes) => changes.iter().for_each(|member| line(format_args!("~ {member}: changes"))),
        }
        Ok(())
    }

    fn apply(&self, app: &App, place: &Place) -> Result<ReportTemplate, Failure> {
        let (scope, spec) = (place.scope()?, Arc::clone(&self.spec));
        let (catalog, master) = (Arc::clone(&place.catalog), Arc::clone(&app.master));
        let operator = operator::current();
        let applied = app.db.write_blocking("report_templates.apply", move |tx| {
            let ids = &mut IdSource::random(scope.now);
            let cx = &mut Cx { tx, scope: &scope, catalog: &catalog, master: &master, ids };
            let (template, applied) = reports::apply_template(cx, &spec)?;
            if applied.before.is_none() || !applied.changes.is_empty() {
                let whose = (&*master, &scope.environment.organization);
                let deed = ("report-templates/apply", told(&template, &applied));
                record_command(cx.tx, whose, &operator, deed, (cx.ids, scope.now))?;
            }
            Ok::<_, Error>(template)
        });
        applied.map_err(|error| self.refused(error))
    }
}

fn export(app: &App, place: &Place, name: &str) -> Result<(), Failure> {
    let (scope, wanted) = (place.scope()?, name.to_owned());
    let found = app.db.read_blocking("report_templates.export", move |tx| {
        reports::find_template(tx, &scope.environment.organization, &wanted)
    })?;
    match found {
        Some(template) => line(ReportTemplateSpec::from(&template).to_toml().trim_end()),
        None => {
            return fail(format!(
                "there is no report template {name}; muster report-templates list shows them"
            ));
        }
    }
    Ok(())
}

fn list(app: &App, place: &Place) -> Result<(), Failure> {
    let (scope, catalogs, master) = (place.scope()?, Arc::clone(&app.catalogs), Arc::clone(&app.master));
    let all = app.db.read_blocking("report_templates.list", move |tx| {
        reports::list_templates(&mut ReadCx { tx, scope: &scope, catalogs: &catalogs, master: &master })
    })?;
    all.iter().for_each(tell);
    Ok(())
}

fn tell(template: &ReportTemplate) {
    let ReportTemplate { id, kind, name, revision, .. } = template;
    let version = ReportTemplate::version_name(*revision);
    let is_default = if template.is_default { "  (default)" } else { "" };
    line(format_args!("{id}  {name}  {}  {version}{is_default}", kind.as_str()));
}

/// What the user audit log tells of a template that was created or changed.
fn told(template: &ReportTemplate, applied: &AppliedTemplate) -> Value {
    json!({
        "data": {
            "type": "report-template",
            "id": template.id.as_str(),
            "attributes": { "name": template.name, "kind": template.kind },
        },
        "meta": { "revision": template.revision, "changes": applied.changes },
    })
}
