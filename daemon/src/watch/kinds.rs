//! How often each kind of message and of claim was read; nothing of what it said.

use std::collections::BTreeMap;

use facts::{Assertion, Evidence};

/// Counts by kind, in the words of output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Messages: `dns_query`, `tls_client_hello`, …
    pub observations: BTreeMap<&'static str, u64>,
    /// Statements about who holds an address: `dhcp_lease`, `kerberos_as_rep`, …
    pub claims: BTreeMap<&'static str, u64>,
}

impl Kinds {
    pub(super) fn observed(&mut self, evidence: &Evidence<'_>) {
        *self.observations.entry(evidence.kind()).or_default() += 1;
    }

    /// Counts a claim, also one that was not read from the wire.
    pub fn claimed(&mut self, assertion: &Assertion) {
        *self.claims.entry(assertion.kind()).or_default() += 1;
    }
}
