// Package workload reads which Secrets, ConfigMaps and ClusterTrustBundles the
// workloads and pods of a cluster mount or have in their environment. It reads
// workloads only, and none of the objects that they mount.
package workload
