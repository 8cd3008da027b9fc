package console

import (
	"net/url"
	"slices"
	"strings"
)

// Log returns the address of a stream of CloudWatch Logs. It is "" for the Regions of
// partitions without a public console, for names that are no Region, and for a group
// or a stream without a name.
func Log(region, group, stream string) string {
	if group == "" || stream == "" || !ValidRegion(region) || strings.Contains(region, "-iso") {
		return ""
	}
	i := slices.IndexFunc(partitions, func(p partition) bool { return strings.HasPrefix(region, p.regions) })
	return "https://" + region + "." + partitions[i].host + "/cloudwatch/home?region=" + region +
		"#logsV2:log-groups/log-group/" + fragment(group) + "/log-events/" + fragment(stream)
}

// fragment escapes a name as this console does: twice, and with "$" for "%".
func fragment(name string) string {
	return strings.ReplaceAll(url.QueryEscape(url.QueryEscape(name)), "%", "$")
}
