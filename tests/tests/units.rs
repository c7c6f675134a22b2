//! The systemd units keep the sandbox that the design promises.

use std::collections::BTreeMap;

use wardline_tests::laws;

/// What both units say, whatever else they say.
const SANDBOX: &[(&str, &str)] = &[
    ("Restart", "always"),
    ("StartLimitIntervalSec", "0"),
    ("LimitCORE", "0"),
    ("DevicePolicy", "closed"),
    ("KeyringMode", "private"),
    ("LockPersonality", "yes"),
    ("MemoryDenyWriteExecute", "yes"),
    ("NoNewPrivileges", "yes"),
    ("PrivateDevices", "yes"),
    ("PrivateMounts", "yes"),
    ("PrivateTmp", "yes"),
    ("ProcSubset", "pid"),
    ("ProtectClock", "yes"),
    ("ProtectControlGroups", "yes"),
    ("ProtectHome", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectProc", "invisible"),
    ("ProtectSystem", "strict"),
    ("RemoveIPC", "yes"),
    ("RestrictNamespaces", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("SystemCallArchitectures", "native"),
    ("UMask", "0027"),
];

/// A unit's settings; one that stands several times has all its values.
fn unit(name: &str) -> BTreeMap<String, Vec<String>> {
    let path = format!("packaging/systemd/{name}.service");
    let text = laws::repository().into_iter().find(|text| text.path == path).expect("the unit");
    let mut settings = BTreeMap::<String, Vec<String>>::new();
    for line in text.text.lines().filter(|line| !line.starts_with(['#', '['])) {
        if let Some((key, value)) = line.split_once('=') {
            settings.entry(key.into()).or_default().push(value.into());
        }
    }
    settings
}

#[test]
fn both_processes_run_in_the_sandbox() {
    for name in ["wardline", "wardline-dashboard"] {
        let unit = unit(name);
        let missing: Vec<_> = SANDBOX
            .iter()
            .filter(|(key, value)| unit.get(*key).is_none_or(|all| *all != [*value]))
            .collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
        let calls = unit["SystemCallFilter"].join(" ");
        assert!(calls.contains("@system-service") && calls.contains("~@privileged"), "{name}");
    }
}

#[test]
fn only_the_daemon_has_a_capability_and_it_has_one() {
    let capability = |name, key| unit(name)[key].join(" ");
    for key in ["AmbientCapabilities", "CapabilityBoundingSet"] {
        assert_eq!(capability("wardline", key), "CAP_NET_RAW");
        assert_eq!(capability("wardline-dashboard", key), "");
    }
}

#[test]
fn a_daemon_that_hangs_is_started_again() {
    let unit = unit("wardline");
    assert_eq!(
        (&unit["Type"][..], &unit["WatchdogSec"][..]),
        (&["notify".into()][..], &["10".into()][..])
    );
}

#[test]
fn the_dashboard_talks_to_this_machine_only_and_opens_no_capture() {
    let unit = unit("wardline-dashboard");
    assert_eq!(unit["IPAddressDeny"], ["any"]);
    assert_eq!(unit["IPAddressAllow"], ["localhost"]);
    assert!(!unit["RestrictAddressFamilies"][0].contains("AF_PACKET"));
}

#[test]
fn each_process_writes_as_a_user_of_its_own() {
    let (daemon, dashboard) = (unit("wardline"), unit("wardline-dashboard"));
    assert_ne!(daemon["User"], dashboard["User"]);
    assert_ne!(daemon["StateDirectory"], dashboard["StateDirectory"]);
    for state in [&daemon["StateDirectoryMode"], &dashboard["StateDirectoryMode"]] {
        assert_eq!(*state, ["0750"], "the group reads, the world does not");
    }
}
