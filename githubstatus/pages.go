package githubstatus

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

const (
	pageSize = 100 // the most that GitHub returns
	maxPages = 100 // more is a server that does not end
)

// readPages gets the pages of a list of up to size elements each, and gives each to
// take, which returns the number of its elements, or 0 if it has seen enough.
func readPages[Page any](ctx context.Context, c *Client, r request, size int, take func(Page) (int, *Error)) *Error {
	r.operation, r.method, r.want = cmp.Or(r.operation, "get"), http.MethodGet, http.StatusOK
	base, separator := r.path, "?"
	if strings.Contains(base, separator) {
		separator = "&"
	}
	for number := 1; ; number++ {
		r.path = fmt.Sprintf("%s%sper_page=%d&page=%d", base, separator, size, number)
		body, failure := c.call(ctx, r)
		if failure != nil {
			return failure
		}
		var page Page
		if err := json.Unmarshal(body, &page); err != nil {
			return &Error{StatusCode: http.StatusOK, Err: fmt.Errorf("read the reply: %w", err)}
		}
		n, failure := take(page)
		switch {
		case failure != nil || n < size:
			return failure
		case number == maxPages:
			return &Error{StatusCode: http.StatusOK, Err: fmt.Errorf("the list has more than %d entries", maxPages*size)}
		}
	}
}
