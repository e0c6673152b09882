package main

// The lab's folder and the node's, as they are seen inside.
const (
	labDir  = "/mnt"
	nodeDir = "/mnt/node"
)
