//! One SMTP transaction for each letter, over STARTTLS with the server's name verified.
//!
//! Step by step, because the same code means different things at different steps: a 550 to
//! RCPT is about one recipient, a 550 to MAIL or after DATA is about us, and the next person
//! would be refused as well. Each step has its own patience: the library waits for ever.

use std::error::Error;
use std::fs;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use facts::Letter;
use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailBodyParameter, MailParameter};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::way::{Refused, Trouble};

/// How long a server may stay silent at one step before the line counts as broken.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same after the last dot, times the patience: the server may look through the letter
/// first, and giving up too early sends it twice.
const AFTER_THE_DOT: u32 = 4;
/// For a farewell: the letter is handed over by then, or it is not.
const FAREWELL: Duration = Duration::from_secs(2);

/// What is needed to reach a mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Its host name; its certificate must carry it.
    pub server: String,
    /// Its submission port.
    pub port: u16,
    /// The address that letters come from.
    pub from: String,
    /// Our account there, where it wants one, with the password.
    pub sign_in: Option<(String, String)>,
    /// PEM text of an authority to trust beside the public ones: the school's own.
    pub trust: Option<Vec<u8>>,
}

/// A mail server that letters can be handed to.
pub struct SmtpServer {
    host: String,
    port: u16,
    tls: TlsParameters,
    from: Address,
    sign_in: Option<Credentials>,
    hello: ClientId,
    patience: Duration,
}

impl SmtpServer {
    /// Prepares to talk to the server; nothing is sent yet.
    ///
    /// # Errors
    /// One sentence on what in the settings can not be used.
    pub fn new(settings: SmtpSettings) -> Result<Self, String> {
        let from = settings
            .from
            .parse()
            .map_err(|_| format!("mail.from: \"{}\" is no mail address", settings.from))?;
        let mut tls = TlsParameters::builder(settings.server.clone());
        if let Some(pem) = &settings.trust {
            let certificate = Certificate::from_pem(pem)
                .map_err(|_| "mail.trust: the file holds no certificate in PEM form".to_owned())?;
            tls = tls.add_root_certificate(certificate);
        }
        let tls = tls.build().map_err(|error| format!("mail.server: {error}"))?;
        Ok(Self {
            host: settings.server,
            port: settings.port,
            tls,
            from,
            sign_in: settings.sign_in.map(|(user, password)| Credentials::new(user, password)),
            hello: ClientId::default(),
            patience: PATIENCE,
        })
    }

    /// Hands one letter to the server, byte for byte.
    ///
    /// # Errors
    /// Says whether to try again.
    pub async fn deliver(&self, letter: &Letter) -> Result<(), Refused> {
        let to: Address = letter.mail.parse().map_err(|_| Refused::Never)?;
        let mut line = self.open_line().await?;
        let handed = match self.sign_in(&mut line).await {
            Ok(()) => self.hand_over(&mut line, to, &letter.message).await,
            refused => refused,
        };
        // What the server answers to a farewell changes nothing, and while it is awaited a kill
        // would send the letter again.
        tokio::spawn(async move { timeout(FAREWELL, line.quit()).await });
        handed
    }

    /// A line over which the server has proved who it is. Nothing but greetings is said
    /// before.
    async fn open_line(&self) -> Result<AsyncSmtpConnection, Refused> {
        let stream = timeout(self.patience, self.reach()).await.ok().flatten();
        let stream = stream.ok_or(Refused::Later(Trouble::Line))?;
        let opening = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello);
        let mut line = self.step(opening).await.map_err(|failed| failed.about_us())?;
        match self.step(line.starttls(self.tls.clone(), &self.hello)).await {
            Ok(()) => Ok(line),
            Err(failed) => Err(failed.about_trust()),
        }
    }

    /// A stream to the first of the server's addresses that takes one. An address that says
    /// nothing leaves time for the next: a server may be known by one that leads nowhere.
    async fn reach(&self) -> Option<TcpStream> {
        let places = lookup_host((self.host.as_str(), self.port)).await.ok()?;
        for place in places {
            if let Ok(Ok(stream)) = timeout(self.patience / 3, TcpStream::connect(place)).await {
                // Else the last dot waits 40 milliseconds for an acknowledgement, and a kill in
                // that while sends the letter twice.
                let _ = stream.set_nodelay(true);
                return Some(stream);
            }
        }
        None
    }

    async fn sign_in(&self, line: &mut AsyncSmtpConnection) -> Result<(), Refused> {
        let Some(credentials) = &self.sign_in else { return Ok(()) };
        let signed_in = self.step(line.auth(DEFAULT_MECHANISMS, credentials)).await;
        signed_in.map(drop).map_err(|failed| failed.about_sign_in())
    }

    async fn hand_over(
        &self,
        line: &mut AsyncSmtpConnection,
        to: Address,
        message: &[u8],
    ) -> Result<(), Refused> {
        let mail = Mail::new(Some(self.from.clone()), parameters(&self.from, &to, message));
        self.step(line.command(mail)).await.map_err(|failed| failed.about_us())?;
        let rcpt = Rcpt::new(to, Vec::new());
        self.step(line.command(rcpt)).await.map_err(|failed| failed.about_recipient())?;
        self.step(line.command(Data)).await.map_err(|failed| failed.about_us())?;
        let taken = within(self.patience * AFTER_THE_DOT, line.message(message)).await;
        taken.map(drop).map_err(|failed| failed.about_us())
    }

    async fn step<T>(&self, step: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Failed> {
        within(self.patience, step).await
    }
}

async fn within<T>(
    patience: Duration,
    step: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, Failed> {
    match timeout(patience, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(match error.status() {
            Some(code) => Failed::Answered(code.into(), SpeaksOf::of(&error)),
            None => Failed::Broke(error),
        }),
        Err(_) => Err(Failed::Silent),
    }
}

/// What the server must be told beforehand (RFC 6152, RFC 6531). Our own letters are plain
/// ASCII and need nothing.
fn parameters(from: &Address, to: &Address, message: &[u8]) -> Vec<MailParameter> {
    let mut parameters = Vec::new();
    if !message.is_ascii() {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    if ![from, to].into_iter().all(|address| address.to_string().is_ascii()) {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    parameters
}

/// Of whom the words of a refusal speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SpeaksOf {
    /// The recipient's address or mailbox.
    Address,
    /// Us, what we may send, or the server itself: the next recipient would hear
    /// the same.
    Us,
    /// Nothing in them says of whom.
    Nobody,
}

impl SpeaksOf {
    fn of(error: &SmtpError) -> Self {
        error.source().map_or(Self::Nobody, |words| Self::read(&words.to_string()))
    }

    /// The enhanced code of RFC 3463 says it, where there is one; else the word that servers
    /// without such codes use for a machine that may not send through them.
    fn read(words: &str) -> Self {
        let first = words.split_whitespace().next().unwrap_or_default();
        let mut parts = first.split('.');
        let numbers = [parts.next(), parts.next(), parts.next()];
        let numbers = numbers.map(|part| part.and_then(|part| part.parse::<u16>().ok()));
        match numbers {
            // 5.1.7 and 5.1.8 are about the sender's address; 5.1.9 about the message.
            [Some(5), Some(1), Some(7..=9)] => Self::Us,
            // The address, its mailbox, and whether its system can be found (RFC 3463 3.2 to
            // 3.5; servers with a directory say 5.4.1 of an address that is not in it).
            [Some(5), Some(1 | 2 | 4), Some(_)] => Self::Address,
            // The server, the conversation, the message, what is allowed (3.4, 3.6 to 3.8).
            [Some(5), Some(_), Some(_)] => Self::Us,
            [Some(4), ..] if !is_denied(words) => Self::Nobody,
            _ if words.to_lowercase().contains("relay") => Self::Us,
            _ => Self::Nobody,
        }
    }
}

fn is_denied(words: &str) -> bool {
    words.to_lowercase().contains("denied")
}

/// How a step of the conversation failed.
enum Failed {
    /// The server answered with this code, and its words speak of somebody.
    Answered(u16, SpeaksOf),
    /// The line broke, or nobody is there.
    Broke(SmtpError),
    /// Nothing came.
    Silent,
}

impl Failed {
    /// At a step that is about every letter of ours: refused or not, it is tried again.
    fn about_us(&self) -> Refused {
        Refused::Later(match self {
            // RFC 4954: sign in first.
            Self::Answered(530 | 534 | 535 | 538, _) => Trouble::SignIn,
            // Some servers say "later" (454) of a machine that may not send through them.
            Self::Answered(500.., _) | Self::Answered(_, SpeaksOf::Us) => Trouble::Unwelcome,
            Self::Answered(..) => Trouble::Busy,
            Self::Broke(_) | Self::Silent => Trouble::Line,
        })
    }

    /// At RCPT: only here a refusal is about one person. 501, 550 to 553 and 556 speak of
    /// the address (RFC 5321 4.2.3) unless the words beside them speak of us; 554 says only
    /// that it failed, and speaks of the address where its words do. Any other code is about
    /// the conversation.
    fn about_recipient(&self) -> Refused {
        match self {
            Self::Answered(501 | 550..=553 | 556, SpeaksOf::Address | SpeaksOf::Nobody)
            | Self::Answered(554 | 555, SpeaksOf::Address) => Refused::Never,
            _ => self.about_us(),
        }
    }

    fn about_sign_in(&self) -> Refused {
        match self {
            Self::Answered(500.., _) => Refused::Later(Trouble::SignIn),
            // The server offers no way of signing in that we know.
            Self::Broke(error) if error.is_client() => Refused::Later(Trouble::SignIn),
            _ => self.about_us(),
        }
    }

    fn about_trust(&self) -> Refused {
        match self {
            Self::Answered(..) => Refused::Later(Trouble::Trust),
            Self::Broke(error) if error.is_client() || is_about_certificate(error) => {
                Refused::Later(Trouble::Trust)
            }
            _ => Refused::Later(Trouble::Line),
        }
    }
}

/// Whether TLS itself refused: rustls hands its own errors on as invalid data.
fn is_about_certificate(error: &SmtpError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let system = error.downcast_ref::<io::Error>();
        if system.is_some_and(|system| system.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Where a secret stands: a name without a folder is looked for among the credentials that
/// systemd passes (`LoadCredential`), then beside the configuration.
#[must_use]
pub fn credential_place(written: &str, folder: &Path) -> PathBuf {
    let passed = std::env::var_os("CREDENTIALS_DIRECTORY").map(|d| Path::new(&d).join(written));
    match passed {
        Some(place) if !written.contains('/') && place.exists() => place,
        _ => folder.join(written),
    }
}

/// Reads the password from a credential that systemd passed, or from a file.
///
/// # Errors
/// One sentence with the place that was tried.
pub fn read_secret(path: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("the file {} can not be read: {error}", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::super::tests::letter;
    use super::*;

    /// Hands a letter to a server that gives these answers in turn and then says nothing;
    /// returns the outcome and what the server was told.
    async fn deliver_to(answers: &'static [&'static str]) -> (Result<(), Refused>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            let (mut line, _) = listener.accept().await.unwrap();
            let mut told = Vec::new();
            for answer in answers {
                line.write_all(answer.as_bytes()).await.unwrap();
                let mut part = [0; 1024];
                let length = line.read(&mut part).await.unwrap_or(0);
                told.extend_from_slice(&part[..length]);
            }
            let _ = line.read_to_end(&mut told).await;
            String::from_utf8_lossy(&told).into_owned()
        });
        let mut server = SmtpServer::new(SmtpSettings {
            server: "127.0.0.1".to_owned(),
            port,
            from: "wardline@elmrow.example".to_owned(),
            sign_in: None,
            trust: None,
        })
        .unwrap();
        server.patience = Duration::from_millis(200);
        let outcome = server.deliver(&letter(1)).await;
        (outcome, serving.await.unwrap())
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_does_not_hold_up_the_letters_for_ever() {
        let (outcome, told) = deliver_to(&[]).await;
        assert_eq!(outcome, Err(Refused::Later(Trouble::Line)));
        assert_eq!(told, "");
    }

    #[tokio::test]
    async fn without_starttls_no_letter_is_begun() {
        let (outcome, told) = deliver_to(&["220 mail\r\n", "250 mail\r\n"]).await;
        assert_eq!(outcome, Err(Refused::Later(Trouble::Trust)));
        assert!(told.starts_with("EHLO ") && !told.contains("MAIL"), "{told}");
    }

    #[tokio::test]
    async fn a_refused_starttls_is_no_way_to_talk_in_clear() {
        const ANSWERS: [&str; 4] =
            ["220 mail\r\n", "250-mail\r\n250 STARTTLS\r\n", "454 not now\r\n", "221 bye\r\n"];
        let (outcome, told) = deliver_to(&ANSWERS).await;
        assert_eq!(outcome, Err(Refused::Later(Trouble::Trust)));
        assert!(told.contains("STARTTLS") && !told.contains("MAIL"), "{told}");
    }

    #[tokio::test]
    async fn a_server_that_refuses_this_machine_refuses_no_recipient() {
        let (outcome, _) = deliver_to(&["554 no service for you\r\n"]).await;
        assert_eq!(outcome, Err(Refused::Later(Trouble::Unwelcome)));
    }

    /// A server that takes us for who we are, up to the recipient, and then answers this.
    /// Without TLS of its own the conversation is spoken from the recipient on.
    async fn rcpt_answered(answer: &'static str) -> Refused {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (mut line, _) = listener.accept().await.unwrap();
            for say in ["220 mail\r\n", "250 mail\r\n", "250 sender ok\r\n", answer] {
                line.write_all(say.as_bytes()).await.unwrap();
                let mut part = [0; 1024];
                let _ = line.read(&mut part).await;
            }
        });
        let server = SmtpServer::new(SmtpSettings {
            server: "127.0.0.1".to_owned(),
            port: place.port(),
            from: "wardline@elmrow.example".to_owned(),
            sign_in: None,
            trust: None,
        })
        .unwrap();
        let patience = Some(Duration::from_secs(5));
        let line =
            AsyncSmtpConnection::connect_tokio1(place, patience, &server.hello, None, None).await;
        let to = "lead@elmrow.example".parse().unwrap();
        let refused = server.hand_over(&mut line.unwrap(), to, b"Subject: x\r\n\r\n").await;
        drop(server);
        serving.abort();
        refused.unwrap_err()
    }

    #[tokio::test]
    async fn a_server_that_relays_nothing_of_ours_refuses_no_recipient() {
        for answer in [
            "554 5.7.1 <lead@elmrow.example>: Relay access denied\r\n",
            "554 Relay access denied\r\n",
            "550 relay not permitted\r\n",
            "550 5.7.1 Unable to relay\r\n",
            "550 5.7.64 TenantAttribution\r\n",
            "553 5.1.8 the sender's domain is not known\r\n",
            "554 transaction failed\r\n",
            "554-5.7.1 you are on a list\r\n554 5.7.1 ask somebody\r\n",
        ] {
            let refused = rcpt_answered(answer).await;
            assert_eq!(refused, Refused::Later(Trouble::Unwelcome), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_relay_that_denies_access_for_now_is_a_fault_of_the_configuration() {
        for (answer, trouble) in [
            ("454 4.7.1 <lead@elmrow.example>: Relay access denied\r\n", Trouble::Unwelcome),
            ("451 4.7.1 greylisted by this relay, try again\r\n", Trouble::Busy),
            ("451 4.3.0 try again\r\n", Trouble::Busy),
        ] {
            assert_eq!(rcpt_answered(answer).await, Refused::Later(trouble), "{answer}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_not_there_is_refused_for_good() {
        for answer in [
            "550 5.1.1 <lead@elmrow.example>: no such user\r\n",
            "550 no such user here\r\n",
            "550 5.4.1 recipient address rejected: access denied\r\n",
            "552 5.2.2 mailbox full\r\n",
            "554 5.1.1 no such user\r\n",
            "556 5.1.10 takes no mail\r\n",
        ] {
            assert_eq!(rcpt_answered(answer).await, Refused::Never, "{answer}");
        }
    }

    #[test]
    fn a_code_means_what_its_step_makes_of_it() {
        let answered = |code| Failed::Answered(code, SpeaksOf::Nobody);
        for code in [501, 550, 551, 552, 553, 556] {
            assert_eq!(answered(code).about_recipient(), Refused::Never, "{code}");
        }
        for (code, trouble) in [
            (421, Trouble::Busy),
            (450, Trouble::Busy),
            (452, Trouble::Busy),
            (503, Trouble::Unwelcome),
            (530, Trouble::SignIn),
            (554, Trouble::Unwelcome),
        ] {
            let failed = answered(code);
            assert_eq!(failed.about_recipient(), Refused::Later(trouble), "{code}");
            assert_eq!(failed.about_us(), Refused::Later(trouble), "{code}");
        }
        let refused = answered(550).about_us();
        assert_eq!(refused, Refused::Later(Trouble::Unwelcome), "the next person as well");
        let refused = answered(535).about_sign_in();
        assert_eq!(refused, Refused::Later(Trouble::SignIn));
    }
}
