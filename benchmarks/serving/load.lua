-- Asks one query after another. Environment: TEMPLATE (file; {n} a fresh number below MOST, {iri} and {word} lines of the files IRIS and
-- WORDS), PATH_, ACCEPT, COLD (1: never the same twice).
local function read(name) local file = assert(io.open(os.getenv(name))); local text = file:read("*a"); file:close(); return text end
local function lines(name) local found = {}; for line in read(name):gmatch("[^\n]+") do found[#found + 1] = line end; return found end
local template, iris, words = read("TEMPLATE"), lines("IRIS"), lines("WORDS")
local most, cold = tonumber(os.getenv("MOST")), os.getenv("COLD") == "1"
local headers = {["Accept"] = os.getenv("ACCEPT")}
local function escape(text) return (text:gsub("[^%w%-%._~]", function(c) return string.format("%%%02X", c:byte()) end)) end
local mark = os.getenv("PATH_"):find("?", 1, true) and "&" or "?"
local count, first = 0, nil
function init() math.randomseed(os.time() + tonumber(tostring({}):sub(8), 16) % 100000) ; count = math.random(1, 1000000) * 1000 end
local function fresh(found) return #found > 0 and found[math.random(#found)] or "" end
function request()
  if first and not cold then return first end
  count = count + 1
  local put = {n = tostring(cold and math.random(0, most - 1) or 7 % most), iri = cold and fresh(iris) or iris[1] or "",
               word = cold and fresh(words) or words[1] or ""}
  local query = template:gsub("{(%a+)}", put)
  if cold then query = query .. "#" .. count end
  first = wrk.format("GET", os.getenv("PATH_") .. mark .. "query=" .. escape(query), headers)
  return first
end
