//! Who is asking: passwords, sign-in attempts and sessions.

mod credentials;
mod password;
mod secret;
mod session;
mod throttle;

pub use credentials::{Credentials, CredentialsFault, Fingerprint};
pub use password::{Cost, Hashing, PasswordFault, hash_password, judge_password};
pub(crate) use secret::random_number;
pub use secret::{NoRandomness, Secret};
pub use session::{ABSOLUTE, IDLE, Sessions};
pub use throttle::{Admission, Throttle};
