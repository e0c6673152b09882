// Package aks has the commands that print the az commands which make the nodes of AKS
// trust CAs. They run nothing and use no cluster.
package aks
