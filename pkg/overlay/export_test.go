package overlay

// Kustomize builds as kustomize does, to hold our own build to it.
var Kustomize = kustomize
