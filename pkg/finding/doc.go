// Package finding describes and formats the findings of checks: ID, severity,
// position in the input and reason. It does not check anything itself.
package finding
