//! `muster templates`: inquiry templates as text files that can be reviewed and applied.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use muster_app::inquiry_templates::{
    self as templates, OnDraft, Publication, Save, Saved, TemplateVersion, TemplateView,
};
use muster_app::user_audit_logs::record_command;
use muster_app::{App, Cx, Error, ReadCx};
use muster_domain::IdSource;
use muster_domain::inquiry_template::InquiryTemplateSpec;
use muster_domain::written::place_in_toml;
use serde_json::{Value, json};

use super::place::{Place, Whose};
use crate::config::Config;
use crate::installation;
use crate::operator;
use crate::output::{Failure, fail, line};

/// Templates that are read at once when all are listed.
const LISTED_AT_ONCE: usize = 100;

#[derive(Subcommand)]
pub enum Command {
    /// Create the template a file describes, or publish a new version of the one of that name
    Apply {
        /// A TOML file
        file: PathBuf,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
        /// Let a draft of the template give way
        #[arg(long)]
        replace_draft: bool,
        #[command(flatten)]
        whose: Whose,
    },
    /// Print a template as a file: what is live, or its draft
    Export {
        /// Its name
        name: String,
        /// Print the draft
        #[arg(long)]
        draft: bool,
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
        Command::Apply { file, dry_run, replace_draft, whose } => {
            let on_draft = if replace_draft { OnDraft::Replace } else { OnDraft::Refuse };
            let place = Place::find(&app, whose)?;
            let source = Written::read(&file)?;
            source.tell_changes(&app, &place)?;
            if dry_run {
                return Ok(());
            }
            let saved = source.apply(&app, &place, on_draft, "templates/apply")?;
            line(format_args!("{}  {}  {}", saved.template.id, saved.version.id, saved.template.head.name));
            Ok(())
        }
        Command::Diff { file, whose } => Written::read(&file)?.tell_changes(&app, &Place::find(&app, whose)?),
        Command::Export { name, draft, whose } => {
            let which = if draft { Which::Draft } else { Which::Live };
            export(&app, &Place::find(&app, whose)?, &name, which)
        }
        Command::List { whose } => list(&app, &Place::find(&app, whose)?),
    }
}

/// A template as it is written in a file.
pub struct Written {
    name: String,
    text: String,
    spec: Arc<InquiryTemplateSpec>,
}

impl Written {
    fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure(format!("{name} cannot be read: {error}")))?;
        Self::new(name, text)
    }

    /// What stands in a file of that name.
    pub fn new(name: String, text: String) -> Result<Self, Failure> {
        let spec =
            InquiryTemplateSpec::from_toml(&text).map_err(|error| Failure(format!("{name}: {error}")))?;
        Ok(Self { name, text, spec: Arc::new(spec) })
    }

    /// A refusal that says where in the file it is.
    fn refused(&self, error: Error) -> Failure {
        refused((&self.name, &self.text), error)
    }

    fn tell_changes(&self, app: &App, place: &Place) -> Result<(), Failure> {
        let (scope, spec) = (place.scope()?, Arc::clone(&self.spec));
        let (master, catalogs) = (Arc::clone(&app.master), Arc::clone(&app.catalogs));
        let preview = app.db.read_blocking("templates.preview", move |tx| {
            let (scope, catalogs) = (&scope, &catalogs);
            templates::preview(&mut ReadCx { tx, scope, catalogs, master: &master }, &spec)
        });
        let preview = preview.map_err(|error| self.refused(error))?;
        match (&preview.template, preview.changes.as_slice()) {
            (None, _) => {
                line(format_args!(
                    "+ inquiry template {} with {} steps",
                    self.spec.name,
                    self.spec.steps.len()
                ));
            }
            (Some(template), []) => line(format_args!("{} is already as the file says", template.head.name)),
            (_, changes) => changes.iter().for_each(|change| line(format_args!("~ {change}"))),
        }
        if preview.has_draft {
            line("! there is a draft that is not published; --replace-draft lets it give way");
        }
        Ok(())
    }

    /// The live version of the template of that name, which is created where there is none.
    pub fn found_or_applied(&self, app: &App, place: &Place) -> Result<Arc<TemplateVersion>, Failure> {
        let (scope, name) = (place.scope()?, self.spec.name.clone());
        let found = app.db.read_blocking("templates.find", move |tx| {
            match templates::find_by_name(tx, &scope, &name)?.and_then(|template| template.live) {
                Some(live) => templates::version(tx, &scope, &live).map(Some),
                None => Ok(None),
            }
        })?;
        match found {
            Some(version) => Ok(version),
            None => Ok(self.apply(app, place, OnDraft::Refuse, "serve/demo/apply-template")?.version),
        }
    }

    /// Creates the template, or publishes a new version of the one of that name; the user audit log calls it
    /// `command`.
    pub fn apply(
        &self,
        app: &App,
        place: &Place,
        on_draft: OnDraft,
        command: &'static str,
    ) -> Result<Saved, Failure> {
        let (scope, spec) = (place.scope()?, Arc::clone(&self.spec));
        let (catalog, master) = (Arc::clone(&place.catalog), Arc::clone(&app.master));
        let operator = operator::current();
        let saved = app.db.write_blocking("templates.apply", move |tx| {
            let ids = &mut IdSource::random(scope.now);
            let cx = &mut Cx { tx, scope: &scope, catalog: &catalog, master: &master, ids };
            let save = Save { spec: &spec, description: None, publication: Publication::Publish, on_draft };
            let saved = match templates::find_by_name(cx.tx, cx.scope, &spec.name)? {
                Some(known) => templates::update(cx, &known.id, &save)?,
                None => templates::create(cx, &save)?,
            };
            if !saved.changes.is_empty() {
                let whose = (&*master, &scope.environment.organization);
                record_command(cx.tx, whose, &operator, (command, told(&saved)), (cx.ids, scope.now))?;
            }
            Ok::<_, Error>(saved)
        });
        saved.map_err(|error| self.refused(error))
    }
}

/// The refusal of a file, named by its name and its text, which says where in the file it is.
pub fn refused((name, text): (&str, &str), error: Error) -> Failure {
    let Error::Invalid(violations) = error else { return error.into() };
    let told = violations.iter().map(|violation| {
        let place = place_in_toml(text, &violation.path);
        let place = place.map(|(line, column)| format!("line {line}, column {column}: "));
        format!("{}{violation}", place.unwrap_or_default())
    });
    Failure(format!("{name}: {}", told.collect::<Vec<_>>().join("; ")))
}

/// Which version of a template is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// What is live; the draft of a template that was never published.
    Live,
    /// The draft.
    Draft,
}

fn export(app: &App, place: &Place, name: &str, which: Which) -> Result<(), Failure> {
    let (scope, name, catalog) = (place.scope()?, name.to_owned(), Arc::clone(&place.catalog));
    let wanted = name.clone();
    let found = app.db.read_blocking("templates.export", move |tx| {
        let Some(template) = templates::find_by_name(tx, &scope, &wanted)? else { return Ok(None) };
        let version = match which {
            Which::Live => templates::view(tx, &scope, template.clone())?.version,
            Which::Draft => templates::draft(tx, &scope, &template.id)?,
        };
        let name_of = |id: &_| catalog.account_type(id).map(|ty| ty.name.clone());
        Ok::<_, Error>(version.map(|version| version.definition.to_spec(&template.head, &name_of).to_toml()))
    })?;
    match found {
        Some(text) => line(text.trim_end()),
        None if which == Which::Draft => {
            return fail(format!("there is no draft of an inquiry template {name}"));
        }
        None => {
            return fail(format!("there is no inquiry template {name}; muster templates list shows them"));
        }
    }
    Ok(())
}

fn list(app: &App, place: &Place) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let scope = place.scope()?;
        let page = app.db.read_blocking("templates.list", move |tx| {
            templates::page(tx, &scope, LISTED_AT_ONCE, (after.as_ref(), None))
        })?;
        page.items.iter().for_each(tell);
        match page.items.last() {
            Some(last) if page.has_older => after = Some(last.template.id.clone()),
            _ => return Ok(()),
        }
    }
}

fn tell(view: &TemplateView) {
    let head = &view.template.head;
    let live = view.template.live.as_ref().map_or("not published", |live| live.as_str());
    line(format_args!("{}  {}  {live}  ({})", view.template.id, head.name, head.status.name()));
}

/// What the user audit log tells of a template that was created or changed.
fn told(saved: &Saved) -> Value {
    json!({
        "data": {
            "type": "inquiry-template",
            "id": saved.template.id.as_str(),
            "attributes": { "name": saved.template.head.name },
        },
        "meta": { "inquiry-template-version-id": saved.version.id.as_str(), "changes": saved.changes },
    })
}
