//! What a scenario expects, and how what came of it differs.

use serde::Deserialize;
use serde_json::Value;

/// What `expect.json` says. Of each case and letter only the fields that are named count;
/// how many there are, and in which order, always does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The cases, by when they were first seen.
    pub incidents: Vec<Value>,
    /// The letters, in the order in which they are due.
    pub letters: Vec<Value>,
}

/// What came of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Lines of kind `incident`.
    pub incidents: Vec<Value>,
    /// Lines of kind `letter`.
    pub letters: Vec<Value>,
}

impl Expected {
    /// Reads `expect.json`.
    ///
    /// # Errors
    /// Says what is wrong and where.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|why| why.to_string())
    }

    /// Every host name that a case names.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let lists = self.incidents.iter().filter_map(|incident| incident["names"].as_array());
        lists.flatten().filter_map(Value::as_str).collect()
    }

    /// Every difference, one sentence each.
    #[must_use]
    pub fn compare(&self, outcome: &Outcome) -> Vec<String> {
        let mut found =
            differences("incidents", &array(&self.incidents), &array(&outcome.incidents));
        found.extend(differences("letters", &array(&self.letters), &array(&outcome.letters)));
        found
    }
}

impl Outcome {
    /// Reads the output of `wardline replay`.
    ///
    /// # Errors
    /// Names the line that is no JSON object, or of no known kind.
    pub fn read(output: &str) -> Result<Self, String> {
        let mut outcome = Self::default();
        for (at, line) in output.lines().enumerate() {
            let fault = |why: &str| format!("line {} of the output: {why}: {line}", at + 1);
            let value: Value = serde_json::from_str(line).map_err(|why| fault(&why.to_string()))?;
            match value["kind"].as_str() {
                Some("incident") => outcome.incidents.push(value),
                Some("letter") => outcome.letters.push(value),
                _ => return Err(fault("neither an incident nor a letter")),
            }
        }
        Ok(outcome)
    }
}

fn array(values: &[Value]) -> Value {
    Value::Array(values.to_vec())
}

/// Where `found` is not as `expected`: of objects only the named fields count, lists must
/// agree in length and order.
#[must_use]
pub fn differences(place: &str, expected: &Value, found: &Value) -> Vec<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected
            .iter()
            .flat_map(|(key, value)| {
                let there = found.get(key).unwrap_or(&Value::Null);
                differences(&format!("{place}.{key}"), value, there)
            })
            .collect(),
        (Value::Array(expected), Value::Array(found)) => {
            let pairs = expected.iter().zip(found).enumerate();
            let mut all: Vec<_> = pairs
                .flat_map(|(at, (one, other))| differences(&format!("{place}[{at}]"), one, other))
                .collect();
            if expected.len() != found.len() {
                let (wanted, there) = (expected.len(), found.len());
                all.insert(0, format!("{place}: {wanted} expected, {there} found"));
            }
            all
        }
        _ if expected == found => Vec::new(),
        _ => vec![format!("{place}: {expected} expected, {found} found")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_named_fields_count() {
        let expected = json!({"severity": "P1", "subject": {"certainty": "likely"}});
        let found =
            json!({"severity": "P1", "hits": 3, "subject": {"certainty": "likely", "x": 1}});
        assert_eq!(differences("case", &expected, &found), [""; 0]);
        let other = json!({"severity": "P2", "subject": {}});
        assert_eq!(
            differences("case", &expected, &other),
            [
                "case.severity: \"P1\" expected, \"P2\" found",
                "case.subject.certainty: \"likely\" expected, null found",
            ]
        );
    }

    #[test]
    fn how_many_and_in_which_order_always_counts() {
        let check = |expected, found| differences("x", &expected, &found).len();
        assert_eq!(check(json!([1, 2]), json!([1, 2])), 0);
        assert_eq!(check(json!([1, 2]), json!([2, 1])), 2);
        assert_eq!(check(json!([]), json!([1])), 1);
        assert_eq!(check(json!([1]), json!([])), 1);
    }

    #[test]
    fn output_that_is_not_of_the_contract_is_refused() {
        assert!(Outcome::read("{\"kind\":\"incident\"}\n{\"kind\":\"letter\"}\n").is_ok());
        for bad in ["hello\n", "{\"kind\":\"note\"}\n", "{}\n"] {
            assert!(Outcome::read(bad).is_err(), "{bad}");
        }
    }
}
