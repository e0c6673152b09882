// Package help helps to type a command: it shows the flags of each command,
// completes names from the kubeconfig and the cluster, and adds hints to errors
// about unknown commands, flags and arguments. What a command does with its flags
// is not its concern.
package help
