// Package workload finds the Secrets, ConfigMaps and ClusterTrustBundles that
// the workloads and pods of a cluster mount or have in their environment. It
// reads only workloads, not the objects that they mount.
package workload
