// Package cluster reads the objects of a cluster that hold CA certificates, the
// pods and other objects that use them, and their differences from manifests. It
// never changes an object. Package usage decides which CAs are needed.
package cluster
