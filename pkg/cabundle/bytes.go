package cabundle

import (
	"strconv"
)

// bytesText writes a size for people, exact where a limit is near.
func bytesText(n int) string {
	if n < 10*MaxObject {
		return strconv.Itoa(n) + " bytes"
	}
	return strconv.Itoa(n>>20) + " MiB"
}
