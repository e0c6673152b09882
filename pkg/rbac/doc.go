// Package rbac has the permissions that kubectl-certs needs in a cluster: a
// table of verbs and resources with the commands that need them and why, and
// the Roles and the documentation that are generated from it. It does not check
// the permissions in a cluster.
package rbac
