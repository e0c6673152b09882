// Package process runs DNS providers of lego in separate processes, so that their environment
// variables are not those of the caller. It does not contain the providers.
package process
