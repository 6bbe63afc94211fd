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
	op, values, _ := match(method, escapedPath)
	if op == nil {
		return "", nil
	}
	return op.name, values
}

var (
	ParseQuery       = parseQuery
	SealContinuation = sealContinuation
	OpenContinuation = openContinuation
)
