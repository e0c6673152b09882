// Pause does nothing, in the container that holds a pod's network.
package main
