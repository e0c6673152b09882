package v1alpha1

// SetLabel says which set of objects an applied object belongs to, so that
// what is no longer wanted can be found. It is in the cluster only, not in Git.
const SetLabel = KeyPrefix + "set"
