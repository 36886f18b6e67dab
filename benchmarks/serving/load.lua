-- Asks one query after another. Environment: TEMPLATE (file; {n} a fresh number up to MOST, {word} a text), PATH_, ACCEPT, COLD (1: never the same twice).
local file = assert(io.open(os.getenv("TEMPLATE"))); local template = file:read("*a"); file:close()
local most, cold = tonumber(os.getenv("MOST")), os.getenv("COLD") == "1"
local words = {"半導体能動的", "国家安全保障", "サイバー防御", "供給網強靱化", "同盟国協力", "偽情報対策", "海洋状況把握", "人材育成"}
local headers = {["Accept"] = os.getenv("ACCEPT")}
local function escape(text) return (text:gsub("[^%w%-%._~]", function(c) return string.format("%%%02X", c:byte()) end)) end
local count = 0
function init() math.randomseed(os.time() + tonumber(tostring({}):sub(8), 16) % 100000) ; count = math.random(1, 1000000) * 1000 end
function request()
  count = count + 1
  local n, word = cold and math.random(0, most - 1) or 7 % most, cold and words[count % #words + 1] or words[1]
  local query = template:gsub("{n}", n):gsub("{word}", word)
  if cold then query = query .. "#" .. count end
  return wrk.format("GET", os.getenv("PATH_") .. "?query=" .. escape(query), headers)
end
