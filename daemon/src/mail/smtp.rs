//! One SMTP transaction for each letter, over STARTTLS with the server's name verified.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use facts::Letter;
use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::way::{Refused, Trouble};

/// How long a server may stay silent before the line counts as broken.
const PATIENCE: Duration = Duration::from_secs(30);

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
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
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
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.server)
                .port(settings.port)
                .tls(Tls::Required(tls))
                .timeout(Some(PATIENCE));
        if let Some((user, password)) = settings.sign_in {
            transport = transport.credentials(Credentials::new(user, password));
        }
        Ok(Self { transport: transport.build(), from })
    }

    /// Hands one letter to the server, byte for byte.
    ///
    /// # Errors
    /// Says whether to try again.
    pub async fn deliver(&self, letter: &Letter) -> Result<(), Refused> {
        let to: Address = letter.mail.parse().map_err(|_| Refused::Never)?;
        let envelope =
            Envelope::new(Some(self.from.clone()), vec![to]).map_err(|_| Refused::Never)?;
        match self.transport.send_raw(&envelope, &letter.message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(refusal(&error)),
        }
    }
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

/// What a failure means. A server's 5xx is final only where it speaks of the recipient or
/// the message; a refused sign-in (530, 534, 535, 538; RFC 4954) is our trouble, not the
/// recipient's, and anything unknown is tried again.
fn refusal(error: &SmtpError) -> Refused {
    if error.is_tls() {
        return Refused::Later(Trouble::Trust);
    }
    let code = error.status().map(u16::from);
    match code {
        Some(530 | 534 | 535 | 538) => Refused::Later(Trouble::SignIn),
        Some(550..=556) => Refused::Never,
        Some(_) => Refused::Later(Trouble::Busy),
        None if error.is_client() && error.to_string().contains("STARTTLS") => {
            Refused::Later(Trouble::Trust)
        }
        None => Refused::Later(Trouble::Line),
    }
}
