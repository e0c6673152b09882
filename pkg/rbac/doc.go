// Package rbac is the permissions that kubectl-certs needs in a cluster: a table
// of verbs and resources with who needs them and why, and the Roles and the
// documentation that follow from it. It does not ask a cluster what is allowed.
package rbac
