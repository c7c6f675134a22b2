//! LDAP binds under the fuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    wardline_fuzz::parse(wardline_fuzz::hostile::Parser::Ldap, file);
});
