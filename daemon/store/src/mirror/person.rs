//! Who was it, as stored text.

use facts::{
    Answer, Attribution, Bearing, Candidate, Device, Duty, Ground, Mac, Role, Several, Span,
    UserName, Why,
};
use serde::{Deserialize, Serialize};

use crate::word::Word;

#[derive(Serialize, Deserialize)]
pub(crate) struct AttributionText {
    answer: AnswerText,
    device: Option<DeviceText>,
    grounds: Vec<GroundText>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnswerText {
    Proven(CandidateText),
    ProvenShared(CandidateText),
    Likely { candidate: CandidateText, proof_age: i64 },
    LastKnown { candidate: CandidateText, proof_age: i64 },
    OneOf(Vec<CandidateText>),
    OneOfOrUnknown(Vec<CandidateText>),
    DeviceOnly,
    Unknown(Word<Why>),
}

#[derive(Serialize, Deserialize)]
struct CandidateText {
    account: Word<UserName>,
    role: Option<Word<Role>>,
    duties: Vec<Word<Duty>>,
    year: Option<String>,
    group: Option<String>,
    display: Option<String>,
    /// Left out where it is not so: records of before there was such a word read the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    one_sided: bool,
}

#[derive(Serialize, Deserialize)]
struct DeviceText {
    mac: Word<Mac>,
    name: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct GroundText {
    bearing: Word<Bearing>,
    sentence: String,
}

impl From<Attribution> for AttributionText {
    fn from(attribution: Attribution) -> Self {
        let Attribution { answer, device, grounds } = attribution;
        let answer = match answer {
            Answer::Proven(candidate) => AnswerText::Proven(candidate.into()),
            Answer::ProvenShared(candidate) => AnswerText::ProvenShared(candidate.into()),
            Answer::Likely { candidate, proof_age } => {
                AnswerText::Likely { candidate: candidate.into(), proof_age: proof_age.as_micros() }
            }
            Answer::LastKnown { candidate, proof_age } => AnswerText::LastKnown {
                candidate: candidate.into(),
                proof_age: proof_age.as_micros(),
            },
            Answer::OneOf(several) => {
                let candidates = several.as_slice().iter().cloned().map(Into::into).collect();
                if several.may_be_unknown() {
                    AnswerText::OneOfOrUnknown(candidates)
                } else {
                    AnswerText::OneOf(candidates)
                }
            }
            Answer::DeviceOnly => AnswerText::DeviceOnly,
            Answer::Unknown(why) => AnswerText::Unknown(Word(why)),
        };
        Self {
            answer,
            device: device.map(|device| DeviceText { mac: Word(device.mac), name: device.name }),
            grounds: grounds
                .into_iter()
                .map(|ground| GroundText {
                    bearing: Word(ground.bearing),
                    sentence: ground.sentence,
                })
                .collect(),
        }
    }
}

impl AttributionText {
    /// The fact; `None` where "one of" holds too few.
    pub(crate) fn into_fact(self) -> Option<Attribution> {
        let answer = match self.answer {
            AnswerText::Proven(candidate) => Answer::Proven(candidate.into()),
            AnswerText::ProvenShared(candidate) => Answer::ProvenShared(candidate.into()),
            AnswerText::Likely { candidate, proof_age } => {
                Answer::Likely { candidate: candidate.into(), proof_age: Span::micros(proof_age) }
            }
            AnswerText::LastKnown { candidate, proof_age } => Answer::LastKnown {
                candidate: candidate.into(),
                proof_age: Span::micros(proof_age),
            },
            AnswerText::OneOf(several) => {
                Answer::OneOf(Several::new(several.into_iter().map(Into::into).collect())?)
            }
            AnswerText::OneOfOrUnknown(several) => {
                Answer::OneOf(Several::or_unknown(several.into_iter().map(Into::into).collect())?)
            }
            AnswerText::DeviceOnly => Answer::DeviceOnly,
            AnswerText::Unknown(why) => Answer::Unknown(why.0),
        };
        let device = self.device.map(|device| Device { mac: device.mac.0, name: device.name });
        let grounds = self
            .grounds
            .into_iter()
            .map(|ground| Ground { bearing: ground.bearing.0, sentence: ground.sentence })
            .collect();
        Some(Attribution { answer, device, grounds })
    }
}

impl From<Candidate> for CandidateText {
    fn from(candidate: Candidate) -> Self {
        let Candidate { account, role, duties, year, group, display, one_sided } = candidate;
        Self {
            account: Word(account),
            role: role.map(Word),
            duties: duties.into_iter().map(Word).collect(),
            year,
            group,
            display,
            one_sided,
        }
    }
}

impl From<CandidateText> for Candidate {
    fn from(text: CandidateText) -> Self {
        let CandidateText { account, role, duties, year, group, display, one_sided } = text;
        Self {
            account: account.0,
            role: role.map(|role| role.0),
            duties: duties.into_iter().map(|duty| duty.0).collect(),
            year,
            group,
            display,
            one_sided,
        }
    }
}
