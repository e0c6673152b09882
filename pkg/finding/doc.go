// Package finding describes what a check has found: its ID, its severity, the
// position in the input and the reason. It does not check anything itself.
package finding
