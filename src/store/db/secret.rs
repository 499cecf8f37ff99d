//! Secrets that people hold and the database does not: made at random, kept as hashes.

use sha2::{Digest as _, Sha256};

use crate::store::StoreError;

/// Random characters after the prefix: 43 of 62 kinds hold 256 bits.
const RANDOM_CHARACTERS: usize = 43;

/// SHA-256: enough for 256 random bits, which nobody can search.
pub(in crate::store) fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// A new secret that begins with `prefix`. Letters and digits only: a token that begins with `-` could not be given to `watson config`.
pub(in crate::store) fn random(prefix: &str) -> Result<String, StoreError> {
    const KINDS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let length = prefix.len() + RANDOM_CHARACTERS;
    let mut token = String::with_capacity(length);
    token.push_str(prefix);
    while token.len() < length {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(StoreError::NoRandomness)?;
        // Four times 62: every kind is equally likely.
        let kinds = bytes
            .iter()
            .filter(|byte| **byte < 248)
            .map(|byte| char::from(KINDS[usize::from(byte % 62)]));
        token.extend(kinds.take(length - token.len()));
    }
    Ok(token)
}
