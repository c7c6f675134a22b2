//! What every handler shares: the settings, the clock, who is signed in, the databases.

use facts::{Person, PersonId};

use crate::auth::{Cost, Credentials, Fingerprint, Hashing, NoRandomness, Sessions, Throttle};
use crate::clock::Clock;
use crate::config::Settings;
use crate::records::Records;
use crate::refusal::Refusal;
use crate::words::Times;

/// One running dashboard.
#[derive(Debug)]
pub struct Dashboard {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) times: Times,
    pub(crate) sessions: Sessions,
    pub(crate) throttle: Throttle,
    pub(crate) hashing: Hashing,
    pub(crate) records: Records,
    credentials: Credentials,
}

/// Why a dashboard can not begin.
#[derive(Debug, thiserror::Error)]
pub enum CannotBegin {
    /// A database.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// No random numbers.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl Dashboard {
    /// Begins with nobody signed in.
    ///
    /// # Errors
    /// Says why review.db can not be written, or that the system gives no random numbers.
    pub fn begin(settings: Settings, clock: Clock) -> Result<Self, CannotBegin> {
        Ok(Self {
            clock,
            times: Times::new(settings.zone.clone()),
            sessions: Sessions::new()?,
            throttle: Throttle::default(),
            hashing: Hashing::new(Cost::FULL),
            records: Records::at(settings.record.clone(), settings.review.clone())?,
            credentials: Credentials::at(settings.credentials.clone()),
            settings,
        })
    }

    /// The hash of a person's password, with its mark.
    pub(crate) async fn password_of(
        &self,
        person: PersonId,
    ) -> Result<Option<(String, Fingerprint)>, Refusal> {
        let credentials = self.credentials.clone();
        let read = tokio::task::spawn_blocking(move || credentials.of(&person)).await;
        read.map_err(|fault| Refusal::fault(&fault))?.map_err(|fault| Refusal::closed(&fault))
    }

    /// The mark of a person's password now, and the list of people now.
    pub(crate) async fn standing_of(
        &self,
        person: PersonId,
    ) -> Result<(Option<Fingerprint>, Vec<Person>), Refusal> {
        let password = self.password_of(person).await?.map(|(_, mark)| mark);
        Ok((password, self.records.people().await?))
    }
}
