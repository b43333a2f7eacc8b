"""Signatures for tests: what the phone of a party would have proved, a name drawn with a finger."""

import json

from mediation.signature_providers import Proof

PROOF = Proof("sms-code", {"masked_phone": "138****6612"})
STROKES = json.dumps([[[100, 100], [300, 120], [320, 300]], [[400, 80], [420, 320]], [[500, 100], [820, 140]]])
