//! Mail, server only. What is sent is sent in the background: nobody waits for a mail server, and nobody can tell from the
//! time that an answer takes whether there was anything to send.

use std::fmt;
use std::sync::Arc;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::Semaphore;

/// Mails that may be under way. Beyond that they are not sent, and the log says so.
const MAX_UNDER_WAY: usize = 100;

type Smtp = AsyncSmtpTransport<Tokio1Executor>;

#[derive(Clone)]
pub struct Mailer {
    way: Way,
    under_way: Arc<Semaphore>,
}

#[derive(Clone)]
enum Way {
    Smtp { server: Box<Smtp>, from: Mailbox },
    Log,
    Nowhere,
}

impl fmt::Debug for Mailer {
    /// The server's address may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.way {
            Way::Smtp { .. } => "Mailer(smtp)",
            Way::Log => "Mailer(log)",
            Way::Nowhere => "Mailer(nowhere)",
        })
    }
}

impl Mailer {
    /// Sends over the server at `url`, `smtp://` or `smtps://`, in the name of `from`.
    ///
    /// # Errors
    /// A sentence for each that cannot be used.
    pub fn smtp(url: &str, from: &str) -> Result<Self, Vec<String>> {
        let mut wrong = Vec::new();
        let known = url.starts_with("smtp://") || url.starts_with("smtps://");
        let server = known.then(|| Smtp::from_url(url).ok()).flatten();
        if server.is_none() {
            // The value may hold a password.
            wrong.push("SMTP_URL has to be like smtps://user:password@mail.example.org.".to_owned());
        }
        let mailbox: Option<Mailbox> = from.parse().ok();
        if mailbox.is_none() {
            wrong.push(format!("MAIL_FROM is '{from}' and has to be like Earshot <chat@example.org>."));
        }
        match (server, mailbox) {
            (Some(server), Some(from)) => Ok(Self::with(Way::Smtp { server: Box::new(server.build()), from })),
            _ => Err(wrong),
        }
    }

    /// Shows every mail in the log: for development.
    pub fn log() -> Self {
        Self::with(Way::Log)
    }

    /// Sends nothing.
    pub fn nowhere() -> Self {
        Self::with(Way::Nowhere)
    }

    fn with(way: Way) -> Self {
        Self { way, under_way: Arc::new(Semaphore::new(MAX_UNDER_WAY)) }
    }

    /// Whether what is sent comes to somebody's eyes.
    pub fn works(&self) -> bool {
        !matches!(self.way, Way::Nowhere)
    }

    /// Whether the mail server answers. Without one there is nothing to ask.
    ///
    /// # Errors
    /// When it does not answer, or does not let us in.
    pub async fn check(&self) -> Result<(), lettre::transport::smtp::Error> {
        match &self.way {
            Way::Smtp { server, .. } => server.test_connection().await.map(drop),
            Way::Log | Way::Nowhere => Ok(()),
        }
    }

    /// Does `work`, which finds out what there is to send and sends it, after the answer to whoever asked for it.
    pub fn in_background(&self, work: impl Future<Output = ()> + Send + 'static) {
        let Ok(place) = self.under_way.clone().try_acquire_owned() else {
            tracing::warn!("too many mails are under way: one was not sent");
            return;
        };
        tokio::spawn(async move {
            let _place = place;
            work.await;
        });
    }

    /// Sends `text` to `to`. What goes wrong is logged.
    pub async fn send(&self, to: &str, subject: &str, text: String) {
        match &self.way {
            Way::Smtp { server, from } => {
                if let Err(error) = post(server, from.clone(), to, subject, text).await {
                    tracing::warn!(%error, "a mail was not sent");
                }
            }
            Way::Log => tracing::info!("mail to {to}: {subject}\n{text}"),
            Way::Nowhere => {}
        }
    }
}

async fn post(
    server: &Smtp,
    from: Mailbox,
    to: &str,
    subject: &str,
    text: String,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mail = Message::builder().from(from).to(Mailbox::new(None, to.parse()?)).subject(subject);
    server.send(mail.header(ContentType::TEXT_PLAIN).body(text)?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Mailer;

    #[test]
    fn a_mail_server_is_named_with_its_protocol_and_its_password_is_not_shown() {
        let from = "Earshot <chat@example.org>";
        for url in
            ["smtps://user:hunter2@mail.example.org", "smtp://127.0.0.1:2525", "smtp://mail.example.org?tls=required"]
        {
            assert!(!format!("{:?}", Mailer::smtp(url, from).unwrap()).contains("hunter2"));
        }
        for (url, from) in
            [("mail.example.org", from), ("https://mail.example.org", from), ("smtp://mail.example.org", "me")]
        {
            let sentences = Mailer::smtp(url, from).unwrap_err();
            assert_eq!(sentences.len(), 1, "{sentences:?}");
        }
        assert_eq!(Mailer::smtp("", "").unwrap_err().len(), 2);
    }
}
