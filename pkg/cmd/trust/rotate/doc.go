// Package rotate is the commands that replace a CA step by step from Git: status
// shows where a rotation is, next makes the next edit. They only read the cluster,
// and do not decide what is next, which pkg/trust/rotation does.
package rotate
