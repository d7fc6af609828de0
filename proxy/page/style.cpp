// The style sheet, the script, the legend. HAProxy's colours keep their meaning: green up, red down, yellow going down,
// orange coming up, brown maintenance, blue drain, grey not checked.
#include "page/parts.hpp"

namespace kerbgate::page {

std::string_view style() {
  return R"css(
:root{color-scheme:light dark;--bg:#f4f5f7;--card:#fff;--ink:#1b1f24;--soft:#5b6470;--line:#e1e4e8;--head:#f8f9fa;
--up:#1a7f4b;--upbg:#e0f4e8;--down:#b3261e;--downbg:#fde7e5;--fall:#7a5b00;--fallbg:#fff3c4;--rise:#8f4a00;--risebg:#ffe4c7;
--maint:#6d4320;--maintbg:#f0e2d3;--drain:#0b5cad;--drainbg:#dfeefc;--grey:#4d5661;--greybg:#e8ebee;
--c1:#2563eb;--c2:#0d9488;--c3:#1a7f4b;--c4:#c2362c}
@media(prefers-color-scheme:dark){:root{--bg:#0f1216;--card:#181c22;--ink:#e6e9ed;--soft:#98a2ae;--line:#2a3038;--head:#1d222a;
--up:#6fdc9e;--upbg:#12351f;--down:#ff9a91;--downbg:#471c1a;--fall:#f1d36b;--fallbg:#3c3208;--rise:#ffbd80;--risebg:#452a0f;
--maint:#e3b98d;--maintbg:#3b2a1a;--drain:#8cc4ff;--drainbg:#112d4a;--grey:#b3bcc6;--greybg:#2a3038;
--c1:#6ea0ff;--c2:#3fc9bb;--c3:#6fdc9e;--c4:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;
font-variant-numeric:tabular-nums}
main{max-width:1440px;margin:0 auto;padding:20px 24px 40px}
h1,h2,h3,p,ul,ol,figure{margin:0;padding:0}
h1{font-size:22px;letter-spacing:-.01em}h1 span{font-weight:400;color:var(--soft)}
h2{font-size:17px;margin-bottom:8px;overflow-wrap:anywhere}h3{font-size:14px;margin:14px 0 6px;overflow-wrap:anywhere}
.sub{font-weight:400;font-size:13px;color:var(--soft);margin-left:6px}
header{display:flex;flex-wrap:wrap;align-items:center;gap:6px 12px;margin-bottom:14px}
header .facts{margin-left:auto;color:var(--soft);font-size:13px}header .desc{color:var(--soft)}
.card,.chart{background:var(--card);border:1px solid var(--line);border-radius:10px}
.card{padding:16px 18px;margin-top:16px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(250px,1fr));gap:12px;margin-top:14px}
.chart{padding:12px 14px}
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 10px;align-items:baseline}
figcaption .what{color:var(--soft);font-size:13px}figcaption b{font-size:17px;font-weight:600}
.plot{position:relative;margin-top:6px}.plot svg{display:block;width:100%;height:80px;overflow:visible}
.plot .top{position:absolute;right:0;top:-1px;font-size:11px;line-height:1;color:var(--soft);background:var(--card);padding-left:4px}
.axis{display:flex;justify-content:space-between;font-size:11px;color:var(--soft);margin-top:4px}
.key i{display:inline-block;width:10px;height:3px;border-radius:2px;margin:0 4px 2px 6px}
polyline{fill:none;stroke-width:1.6;vector-effect:non-scaling-stroke;stroke-linejoin:round}
polygon{stroke:none;opacity:.13}.g{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.l1{stroke:var(--c1)}.l2{stroke:var(--c2)}.l3{stroke:var(--c3)}.l4{stroke:var(--c4)}
.a1{fill:var(--c1)}.a2{fill:var(--c2)}.a3{fill:var(--c3)}.a4{fill:var(--c4)}
.k1{background:var(--c1)}.k2{background:var(--c2)}.k3{background:var(--c3)}.k4{background:var(--c4)}
.spark{width:72px;height:20px;display:block}
.pill{display:inline-block;border-radius:20px;padding:1px 9px;font-size:12px;font-weight:600;white-space:nowrap;background:var(--greybg);color:var(--grey)}
.pill.up{background:var(--upbg);color:var(--up)}.pill.down{background:var(--downbg);color:var(--down)}
.pill.falling{background:var(--fallbg);color:var(--fall)}.pill.rising{background:var(--risebg);color:var(--rise)}
.pill.maint{background:var(--maintbg);color:var(--maint)}.pill.drain{background:var(--drainbg);color:var(--drain)}
.front{display:flex;flex-wrap:wrap;gap:4px 18px;align-items:center;color:var(--soft);font-size:14px;margin-bottom:10px}
.front b{color:var(--ink)}
.attention{list-style:none;margin-top:4px}
.attention li,.notice,.fine{border-radius:8px;padding:8px 12px;margin-bottom:6px;overflow-wrap:anywhere}
.attention li,.notice.problem{background:var(--downbg);color:var(--down)}.notice.ok,.fine{background:var(--upbg);color:var(--up)}
.notice a{color:inherit;margin-left:8px}
.scroll{overflow-x:auto;margin:0 -18px;padding:0 18px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:7px 10px;border-bottom:1px solid var(--line);vertical-align:top;font-weight:400}
thead th{font-size:12px;color:var(--soft);white-space:nowrap;border-bottom-width:2px;vertical-align:bottom}
thead th[data-s]{cursor:pointer}thead th[data-s]:hover,thead th[aria-sort]{color:var(--ink)}
thead th[aria-sort=ascending]::after{content:" \2191"}thead th[aria-sort=descending]::after{content:" \2193"}
tbody tr:last-child>*{border-bottom:0}tfoot th,tfoot td{border-top:2px solid var(--line);border-bottom:0;color:var(--soft)}
tbody tr:hover{background:var(--head)}
th:first-child,td:first-child{padding-left:2px}td:last-child,th:last-child{padding-right:2px}
.n{text-align:right;white-space:nowrap}
.name{font-weight:600;overflow-wrap:anywhere}th[scope=row]{min-width:250px;max-width:320px;overflow-wrap:anywhere}
em{font-style:normal;font-size:11px;border:1px solid var(--line);border-radius:4px;padding:0 4px;color:var(--soft)}
small{display:block;color:var(--soft);font-size:12px;line-height:1.35;max-width:52ch;overflow-wrap:anywhere;white-space:normal}
.n small{max-width:none;white-space:nowrap}small.warn,.warning{color:var(--fall)}.error,.bad{color:var(--down)}
s{text-decoration:none;color:var(--soft);opacity:.6}.of,.for{color:var(--soft);font-size:13px}
.bar{display:block;width:100%;min-width:60px;height:4px;margin:3px 0 1px;border-radius:2px;overflow:hidden}
.b0{fill:var(--greybg)}.b1{fill:var(--c1)}.b2{fill:var(--c4)}
.tick{width:26px}.trend{width:80px}input[type=checkbox]{width:17px;height:17px;margin:2px 0;accent-color:var(--c1)}
.hid{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.actions{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin-top:12px;color:var(--soft);font-size:13px}
button,.filter{font:inherit;font-size:14px;padding:5px 12px;border:1px solid var(--line);border-radius:7px;background:var(--head);color:var(--ink)}
button{cursor:pointer}button:hover{border-color:var(--soft)}button.risk{color:var(--down)}
:focus-visible{outline:2px solid var(--c1);outline-offset:2px}
.filter{margin-bottom:8px;width:260px;max-width:100%}
code{font:13px/1.3 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;background:var(--greybg);border-radius:4px;padding:0 5px;overflow-wrap:anywhere}
.none{color:var(--soft);padding:6px 0;font-size:14px}
.fqdn p{font-size:14px;margin:4px 0;overflow-wrap:anywhere}.addresses{color:var(--soft)}
.reasons{max-width:640px}.share{width:45%}.share .bar{margin-top:9px}
.refusals{list-style:none;font-size:14px}.refusals li{padding:8px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
.refusals .who{color:var(--soft)}.refusals b{color:var(--ink);font-weight:600}.reason{color:var(--down)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr));gap:0 32px}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;font-size:13px;color:var(--soft)}
footer{display:flex;justify-content:space-between;margin-top:18px;color:var(--soft);font-size:13px}
footer a{color:inherit;margin-left:14px}
@media(max-width:760px){main{padding:14px 12px 32px}header .facts{margin-left:0;width:100%}.card{padding:14px}
.scroll{margin:0 -14px;padding:0 14px}
table.servers,.servers tbody,.servers tfoot{display:block}.servers thead{display:none}
.servers tr{display:grid;grid-template-columns:repeat(3,1fr);gap:6px 10px;padding:10px 0;border-bottom:1px solid var(--line);position:relative}
.servers tr>*{border:0;padding:0;text-align:left}.servers th[scope=row],.servers td:not(.n){grid-column:1/-1;max-width:none}
.servers td.tick{position:absolute;right:0;top:12px;width:auto}.servers td:empty,.servers .trend{display:none}
.servers .n::before{display:block;font-size:11px;color:var(--soft)}.n small{white-space:normal}

.servers:not(.may) .n:nth-child(3)::before,.servers.may .n:nth-child(4)::before{content:"Sessions"}
.servers:not(.may) .n:nth-child(4)::before,.servers.may .n:nth-child(5)::before{content:"Queue"}
.servers:not(.may) .n:nth-child(5)::before,.servers.may .n:nth-child(6)::before{content:"Per second"}
.servers:not(.may) .n:nth-child(6)::before,.servers.may .n:nth-child(7)::before{content:"Total"}
.servers:not(.may) .n:nth-child(7)::before,.servers.may .n:nth-child(8)::before{content:"In"}
.servers:not(.may) .n:nth-child(8)::before,.servers.may .n:nth-child(9)::before{content:"Out"}
.servers:not(.may) .n:nth-child(9)::before,.servers.may .n:nth-child(10)::before{content:"Errors"}
.servers:not(.may) .n:nth-child(10)::before,.servers.may .n:nth-child(11)::before{content:"Weight"}}
@media print{body{background:#fff}.actions,.filter,.tick{display:none}}
)css";
}

std::string_view script() {
  return R"js((()=>{
const here=location.origin+(location.pathname+location.search).replace(/;st=[A-Z]*/,"");
if(location.href.includes(";st="))try{history.replaceState(null,"",here)}catch(e){}
const $=(s,r=document)=>[...r.querySelectorAll(s)];
const sorted={},filters={};
const key=t=>t.closest("section").id+"/"+$("table",t.closest("section")).indexOf(t);
const value=(row,i)=>{const c=row.cells[i];return c.dataset.v!==undefined?Number(c.dataset.v):c.textContent.trim().toLowerCase()};
function order(t){const o=sorted[key(t)];if(!o)return;const b=t.tBodies[0];
[...b.rows].sort((x,y)=>{const a=value(x,o.i),c=value(y,o.i);return(a<c?-1:a>c?1:0)*o.d}).forEach(r=>b.append(r));
$("th",t.tHead).forEach((h,i)=>{if(i===o.i)h.setAttribute("aria-sort",o.d>0?"ascending":"descending");else h.removeAttribute("aria-sort")})}
function sift(t){const f=(filters[key(t)]||"").toLowerCase();
for(const r of t.tBodies[0].rows)r.hidden=f!==""&&!r.textContent.toLowerCase().includes(f)}
function dress(){$("table").forEach(t=>{if(!t.tHead)return;
$("th",t.tHead).forEach((h,i)=>{if(h.classList.contains("tick")||h.classList.contains("trend")||!h.textContent)return;
h.dataset.s="";h.onclick=()=>{const o=sorted[key(t)];
sorted[key(t)]={i,d:o&&o.i===i?-o.d:h.classList.contains("n")?-1:1};order(t)}});
if(t.classList.contains("servers")&&t.tBodies[0].rows.length>7){const f=document.createElement("input");
f.className="filter";f.type="search";f.placeholder="Filter: name, address, state";f.setAttribute("aria-label",f.placeholder);
f.value=filters[key(t)]||"";f.oninput=()=>{filters[key(t)]=f.value;sift(t)};t.parentNode.before(f)}
order(t);sift(t)})}
dress();
const every=Number(document.body.dataset.refresh||0);
const busy=()=>$("input:checked").length||(document.activeElement&&document.activeElement.matches("input,button"));
if(every>0)setInterval(async()=>{if(document.hidden||busy())return;
try{const a=await fetch(here,{cache:"no-store"});if(!a.ok)return;
const d=new DOMParser().parseFromString(await a.text(),"text/html"),m=d.getElementById("main");
if(m&&!busy()){document.getElementById("main").replaceWith(document.adoptNode(m));dress()}}catch(e){}},every);
})();)js";
}

void write_legend(std::string& out) {
  out += R"(<section class=card><h2>What the words mean</h2><div class=legend>
<span><span class="pill up">UP</span> takes connections</span>
<span><span class="pill falling">UP 2/3</span> checks have begun to fail</span>
<span><span class="pill down">DOWN</span> takes none</span>
<span><span class="pill rising">DOWN 1/2</span> checks have begun to pass</span>
<span><span class="pill drain">DRAIN</span> no new connections, those there go on</span>
<span><span class="pill maint">MAINT</span> taken out, not checked</span>
<span><span class="pill plain">no check</span> in use, not checked</span>
<span>Sessions: now / limit. Queue: waiting for a place. Errors: given up, or failed before an answer.</span>
</div></section>
)";
}

}  // namespace kerbgate::page
