// Package cluster is the edge to Kubernetes: it reads the objects that a list
// of ours stands for, asks the server what applying them would change, and
// applies them. It never decides what should be there.
package cluster
