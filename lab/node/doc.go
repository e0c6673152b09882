// Lab-node is a real node for the lab: containerd, kubelet and kube-proxy, with
// the scheduler and the controllers that pods count on. It needs root on Linux,
// and never changes anything outside: it lives in namespaces of its own, so that
// pods, mounts, addresses and firewall rules end with it, whatever ends it.
package main
