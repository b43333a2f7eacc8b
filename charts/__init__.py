"""The life of a case in pictures: steps read from the state machine, one geometry, BPMN and SVG."""
