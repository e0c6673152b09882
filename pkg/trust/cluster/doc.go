// Package cluster reads from a cluster which objects hold CA certificates, which
// pods and others need them, and in what they differ from manifests. It changes
// nothing, and does not decide what a CA is needed for: package usage does.
package cluster
