//! Reads settings, and gathers a sentence for each wrong one.

use app::mail::Mailer;
use earshot_hub::Keys;

use crate::config::Environment;
use crate::config::vars::Vars;
use crate::service::Address;

pub struct Reader<'v> {
    vars: &'v Vars,
    /// A sentence for each wrong setting.
    pub wrong: Vec<String>,
}

impl<'v> Reader<'v> {
    pub fn new(vars: &'v Vars) -> Self {
        let wrong = vars.no_texts.iter().map(|name| format!("{name} has to be text in UTF-8.")).collect();
        Self { vars, wrong }
    }

    /// The setting, or what it is when it is not set, as `read` understands it. `expected`: what it has to be, for the sentence.
    pub fn read<T>(
        &mut self,
        name: &str,
        default: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.vars.get(name).unwrap_or(default);
        let value = read(text);
        if value.is_none() {
            self.refuse([format!("{name} is '{text}' and has to be {expected}.")]);
        }
        value
    }

    pub fn refuse(&mut self, sentences: impl IntoIterator<Item = String>) {
        self.wrong.extend(sentences);
    }

    /// The service that carries notices, if it is an `outside` one.
    pub fn service(&mut self, outside: Option<bool>) -> Option<Address> {
        let read = outside?.then(|| Address::read(|name| self.vars.get(name)))?;
        self.unless_refused(read)
    }

    pub fn mail(&mut self, environment: Option<Environment>) -> Option<Mailer> {
        let mailer = match (self.vars.get("SMTP_URL"), environment?) {
            (Some(url), _) => Mailer::smtp(url, self.vars.get("MAIL_FROM").unwrap_or_default()),
            (None, Environment::Development) => Ok(Mailer::log()),
            (None, Environment::Production) => Ok(Mailer::nowhere()),
        };
        self.unless_refused(mailer)
    }

    pub fn keys(&mut self, outside: Option<bool>, environment: Option<Environment>) -> Keys {
        let key = |name| self.vars.get(name).unwrap_or_default().to_owned();
        let keys = Keys {
            app_id: key("PUSHER_APP_ID"),
            key: key("PUSHER_KEY"),
            secret: key("PUSHER_SECRET"),
            cluster: key("PUSHER_CLUSTER"),
        };
        self.refuse(keys.malformed());
        let why = match (outside, environment) {
            (Some(true), _) => Some("the service has given you one"),
            (_, Some(Environment::Production)) => Some("production does without made-up keys"),
            _ => None,
        };
        if let Some(why) = why {
            self.refuse(keys.missing().map(|name| format!("{name} is not set: {why}.")));
        }
        keys
    }

    fn unless_refused<T>(&mut self, read: Result<T, Vec<String>>) -> Option<T> {
        read.map_err(|sentences| self.refuse(sentences)).ok()
    }
}
