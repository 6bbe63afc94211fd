package rest

// RoutesForTest lists "METHOD path" of every route.
func RoutesForTest() []string {
	var list []string
	for _, op := range routes {
		list = append(list, op.method+" "+op.path)
	}
	return list
}

// Match is match without the operation.
func Match(method, escapedPath string) (name string, values map[string]string) {
	op, bound, _ := match(method, escapedPath)
	if op == nil {
		return "", nil
	}
	values = map[string]string{}
	for v, there := range bound.there {
		if there {
			values[pathNames[v]] = bound.of[v]
		}
	}
	return op.name, values
}

// ParseQuery is parseQuery by name.
func ParseQuery(raw string) map[string][]string {
	values := map[string][]string{}
	for _, p := range parseQuery(raw) {
		values[p.name] = append(values[p.name], p.value)
	}
	return values
}

var (
	SealContinuation = sealContinuation
	OpenContinuation = openContinuation
)
