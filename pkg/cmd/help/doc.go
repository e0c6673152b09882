// Package help helps to type a command: it shows the flags of each command,
// completes names from the kubeconfig and the cluster, refuses flags that have no
// effect, and adds hints to errors about commands, flags and arguments. What a
// command does with its flags is not its concern.
package help
